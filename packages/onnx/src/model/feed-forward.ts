// The feed-forward half of a layer: gated or plain. Mixtures of experts are in `mixture.ts`.
import type { Activation, FeedForwardSpec } from '@fs/arch'
import { text } from '../graph/attributes.ts'
import type { Value } from '../graph/graph-builder.ts'
import type { Building } from './building.ts'
import { linear, linearTogether } from './linear.ts'
import { mixture } from './mixture.ts'

/** @param name canonical prefix, `layers.0.feed_forward` */
export function feedForward(building: Building, name: string, spec: FeedForwardSpec, hiddenSize: number, value: Value): Value {
  const down = { name: `${name}.down`, outputs: hiddenSize }
  switch (spec.kind) {
    case 'mlp': {
      const up = linear(building, { name: `${name}.up`, outputs: spec.width, bias: spec.bias }, hiddenSize, value)
      return linear(building, { ...down, bias: spec.bias }, spec.width, activation(building, name, spec.activation, up))
    }
    case 'glu': {
      const layers = ['gate', 'up'].map((part) => ({ name: `${name}.${part}`, outputs: spec.width, bias: spec.bias }))
      const both = linearTogether(building, name, layers, hiddenSize, value)
      const [gate, up] = both.kind === 'joined' ? building.builder.split(name, both.value, [spec.width, spec.width]) : both.values
      const gated = building.builder.node(name, 'Mul', [activation(building, name, spec.activation, gate!), up!])
      return linear(building, { ...down, bias: spec.bias }, spec.width, gated)
    }
    case 'mixture':
      return mixture(building, name, spec, hiddenSize, value)
    default:
      return spec satisfies never
  }
}

/** `gelu` is exact (with the error function), `gelu-tanh` its approximation. */
export function activation(building: Building, scope: string, kind: Activation, value: Value): Value {
  const { builder } = building
  switch (kind) {
    case 'silu':
      return builder.node(scope, 'Mul', [value, builder.node(scope, 'Sigmoid', [value])])
    case 'gelu':
      return builder.node(scope, 'Gelu', [value], { approximate: text('none') })
    case 'gelu-tanh':
      return builder.node(scope, 'Gelu', [value], { approximate: text('tanh') })
    case 'relu':
      return builder.node(scope, 'Relu', [value])
    default:
      return kind satisfies never
  }
}
