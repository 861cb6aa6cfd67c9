// Root-mean-square norms as the composite `odml.rms_norm`, which runtimes may fuse, over a subgraph of plain operators for those that do not.
import type { NormSpec } from '@fs/arch'
import type { Subgraph } from '../tflite/model.ts'
import type { Building } from './building.ts'
import type { ConstantPool } from './constant-pool.ts'
import { createSubgraphBuilder, type Value } from './subgraph-builder.ts'
import { vector } from './weights.ts'

/** Index of the subgraph that spells out a norm over tensors of one shape. */
export type NormDecompositions = {
  indexOf(shape: readonly number[], epsilon: number): number
}

/** @param push adds a subgraph to the model and returns its index */
export function normDecompositions(constants: ConstantPool, push: (subgraph: Subgraph) => number): NormDecompositions {
  const indices = new Map<string, number>()
  return {
    indexOf: (shape, epsilon) => {
      const key = `odml.rms_norm/${shape.join('x')}/${epsilon}`
      const found = indices.get(key)
      if (found !== undefined) return found
      const index = push(decomposition(key, shape, epsilon, constants))
      indices.set(key, index)
      return index
    },
  }
}

/** value / sqrt(mean(value²) + epsilon) * weight, in the order litert-torch computes it. */
function decomposition(name: string, shape: readonly number[], epsilon: number, constants: ConstantPool): Subgraph {
  const builder = createSubgraphBuilder(name, constants)
  const value = builder.input('value', 'float32', shape)
  const weight = builder.input('weight', 'float32', [shape.at(-1)!])
  const square = builder.arithmetic('norm', 'mul', value, value)
  const kept = [...shape.slice(0, -1), 1]
  const mean = builder.operator('norm', { kind: 'mean' }, [square, builder.integers([shape.length - 1])], kept)
  const shifted = builder.arithmetic('norm', 'add', mean, builder.scalar(epsilon))
  const inverse = builder.operator('norm', { kind: 'rsqrt' }, [shifted], kept)
  const normed = builder.arithmetic('norm', 'mul', value, inverse)
  builder.output('normed', builder.arithmetic('norm', 'mul', normed, weight))
  return builder.subgraph()
}

/** Norm over the last dimension. @param name canonical name without `.weight` */
export function norm(building: Building, name: string, spec: Extract<NormSpec, { kind: 'rms' }>, value: Value): Value {
  const subgraph = building.norms.indexOf(value.shape, spec.epsilon)
  const weight = vector(building, `${name}.weight`, value.shape.at(-1)!, spec.weightOffset)
  const attributes = { epsilon: spec.epsilon }
  return building.builder.operator(name, { kind: 'composite', name: 'odml.rms_norm', subgraph, attributes }, [value, weight], value.shape)
}
