// Norms as nodes: root-mean-square and classic, alone or joined with the residual addition before them.
// ONNX Runtime's names for them are Simplified- and LayerNormalization.
import type { NormSpec } from '@fs/arch'
import { float, int } from '../graph/attributes.ts'
import type { Value } from '../graph/graph-builder.ts'
import { wholeTensor } from '../weights/graph-tensor.ts'
import type { Building } from './building.ts'

/** The residual stream: a sum whose last addition may still be outstanding, so that the next norm can do it on the way. */
export type Residual = { readonly sum: Value; readonly pending: Value | null }

/**
 * Norm over the last dimension.
 * @param name canonical name without `.weight`
 * @param width size of the last dimension
 */
export function normNode(building: Building, name: string, norm: NormSpec, width: number, value: Value): Value {
  const { builder } = building
  const weights = normWeights(building, name, norm, width)
  return norm.kind === 'rms'
    ? builder.node(name, 'SimplifiedLayerNormalization', [value, ...weights], {
        axis: int(-1),
        epsilon: float(norm.epsilon),
        stash_type: int(1),
      })
    : builder.node(name, 'LayerNormalization', [value, ...weights], { axis: int(-1), epsilon: float(norm.epsilon), stash_type: int(1) })
}

/** Adds what is outstanding and norms the sum, in one node where there is something to add. */
export function residualNorm(
  building: Building,
  name: string,
  norm: NormSpec,
  width: number,
  residual: Residual,
): { readonly normed: Value; readonly residual: Residual } {
  if (residual.pending === null) return { normed: normNode(building, name, norm, width, residual.sum), residual }
  const operator = norm.kind === 'rms' ? 'SkipSimplifiedLayerNormalization' : 'SkipLayerNormalization'
  const [normed, , , sum] = building.builder.nodeWithOutputs(
    name,
    operator,
    [residual.sum, residual.pending, ...normWeights(building, name, norm, width)],
    { epsilon: float(norm.epsilon) },
    ['output', '', '', 'sum'],
  )
  return { normed: normed!, residual: { sum: sum!, pending: null } }
}

/** The residual stream as one value. */
export function settle(building: Building, scope: string, residual: Residual): Value {
  return residual.pending === null ? residual.sum : building.builder.node(scope, 'Add', [residual.sum, residual.pending])
}

function normWeights(building: Building, name: string, norm: NormSpec, width: number): readonly Value[] {
  const { builder, options } = building
  const initializer = (suffix: 'weight' | 'bias', add: 0 | 1): Value =>
    builder.initializer({
      name: `${name}.${suffix}`,
      type: options.precision,
      shape: [width],
      recipe: { kind: 'rows', parts: [wholeTensor(`${name}.${suffix}`, width)], add },
    })
  if (norm.kind === 'rms') return [initializer('weight', norm.weightOffset)]
  return norm.bias ? [initializer('weight', 0), initializer('bias', 0)] : [initializer('weight', 0)]
}
