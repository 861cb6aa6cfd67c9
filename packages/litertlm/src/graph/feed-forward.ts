// Feed-forward units without experts, and their activations.
import type { Activation, FeedForwardSpec } from '@fs/arch'
import type { Building } from './building.ts'
import { linear } from './linear.ts'
import type { Value } from './subgraph-builder.ts'

export type DenseFeedForward = Exclude<FeedForwardSpec, { kind: 'mixture' }>

/** @param name canonical prefix, `layers.0.feed_forward` */
export function feedForward(building: Building, name: string, spec: DenseFeedForward, value: Value): Value {
  const { builder, spec: decoder } = building
  const project = (part: string, from: Value, width: number) => linear(building, `${name}.${part}`, from, width, spec.bias)
  switch (spec.kind) {
    case 'glu': {
      const gate = activate(building, name, spec.activation, project('gate', value, spec.width))
      const gated = builder.arithmetic(name, 'mul', gate, project('up', value, spec.width))
      return project('down', gated, decoder.hiddenSize)
    }
    case 'mlp':
      return project('down', activate(building, name, spec.activation, project('up', value, spec.width)), decoder.hiddenSize)
    default:
      return spec satisfies never
  }
}

function activate({ builder }: Building, scope: string, activation: Activation, value: Value): Value {
  switch (activation) {
    case 'silu':
      return builder.arithmetic(scope, 'mul', value, builder.operator(scope, { kind: 'logistic' }, [value], value.shape))
    case 'gelu':
    case 'gelu-tanh':
      return builder.operator(scope, { kind: 'gelu', approximate: activation === 'gelu-tanh' }, [value], value.shape)
    case 'relu':
      return builder.operator(scope, { kind: 'relu' }, [value], value.shape)
    default:
      return activation satisfies never
  }
}
