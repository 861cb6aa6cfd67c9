// A mixture of experts as nodes: each expert reads only the tokens routed to it.
// One unrolled branch per expert; ONNX Runtime's own MoE operators are not used, they fix the weights' format.
import type { FeedForwardSpec } from '@fs/arch'
import { int, text } from '../graph/attributes.ts'
import { ELEMENT_TYPES, type FloatType } from '../graph/element-types.ts'
import type { Value } from '../graph/graph-builder.ts'
import type { Building } from './building.ts'
import { activation } from './feed-forward.ts'
import { linear, linearTogether } from './linear.ts'

type MixtureSpec = Extract<FeedForwardSpec, { kind: 'mixture' }>

/**
 * Softmax over all experts, the best `expertsUsed` of them, their weights scaled to sum to one where the model says so.
 * @param value [batch, sequence, hiddenSize]
 */
export function mixture(building: Building, name: string, spec: MixtureSpec, hiddenSize: number, value: Value): Value {
  const { builder } = building
  const tokens = builder.reshape(name, value, [-1, hiddenSize])
  const { weights, chosen } = route(building, name, spec, hiddenSize, value)
  // Sums are float32 whatever the activations are: ONNX Runtime's CPU adds no halves here, and it costs nothing.
  const half = building.options.precision === 'float16'
  const cast = (scope: string, from: Value, to: FloatType): Value => builder.node(scope, 'Cast', [from], { to: int(ELEMENT_TYPES[to].id) })
  const widened = (scope: string, from: Value): Value => (half ? cast(scope, from, 'float32') : from)
  let sum = builder.node(name, 'Mul', [widened(name, tokens), builder.constant('float32', [0], [])])
  for (let expert = 0; expert < spec.experts; expert++) {
    const scope = `${name}.experts.${expert}`
    const hits = builder.node(scope, 'Equal', [chosen, builder.constant('int64', [expert], [])])
    // [hits, 2]: token, and which of its choices this expert is.
    const places = builder.node(scope, 'Transpose', [builder.node(scope, 'NonZero', [hits])])
    const [token] = builder.nodeWithOutputs(scope, 'Split', [places, builder.constant('int64', [1, 1])], { axis: int(1) }, [
      'token',
      'choice',
    ])
    const rows = builder.node(scope, 'Unsqueeze', [builder.node(scope, 'GatherND', [tokens, token!]), builder.constant('int64', [0])])
    const weight = builder.node(scope, 'Unsqueeze', [builder.node(scope, 'GatherND', [weights, places]), builder.constant('int64', [1])])
    const output = builder.reshape(scope, expertOutput(building, name, spec, expert, hiddenSize, rows), [-1, hiddenSize])
    const result = builder.node(scope, 'Mul', [output, weight])
    sum = builder.node(scope, 'ScatterND', [sum, token!, widened(scope, result)], { reduction: text('add') })
  }
  return builder.node(name, 'Reshape', [half ? cast(name, sum, 'float16') : sum, builder.node(name, 'Shape', [value])])
}

/** @returns weights and indices of the chosen experts, both [tokens, expertsUsed] */
function route(building: Building, name: string, spec: MixtureSpec, hiddenSize: number, value: Value) {
  const { builder } = building
  const scores = linear(building, { name: `${name}.router`, outputs: spec.experts, bias: false }, hiddenSize, value)
  const logits = builder.reshape(name, scores, [-1, spec.experts])
  const shares = builder.node(name, 'Softmax', [logits], { axis: int(-1) })
  const [best, chosen] = builder.nodeWithOutputs(name, 'TopK', [shares, builder.constant('int64', [spec.expertsUsed])], { axis: int(-1) }, [
    'weights',
    'experts',
  ])
  if (!spec.normalizeWeights) return { weights: best!, chosen: chosen! }
  const total = builder.node(name, 'ReduceSum', [best!, builder.constant('int64', [-1])])
  return { weights: builder.node(name, 'Div', [best!, total]), chosen: chosen! }
}

function expertOutput(building: Building, name: string, spec: MixtureSpec, expert: number, hiddenSize: number, rows: Value): Value {
  const { builder } = building
  const layer = (part: 'gate' | 'up' | 'down', outputs: number) => ({
    name: `${name}.experts.${expert}.${part}`,
    outputs,
    bias: false,
    weight: { tensor: `${name}.experts.${part}.weight`, firstRow: expert * outputs },
  })
  const scope = `${name}.experts.${expert}`
  const both = linearTogether(building, scope, [layer('gate', spec.width), layer('up', spec.width)], hiddenSize, rows)
  const [gate, up] = both.kind === 'joined' ? builder.split(scope, both.value, [spec.width, spec.width]) : both.values
  const gated = builder.node(scope, 'Mul', [activation(building, scope, spec.activation, gate!), up!])
  return linear(building, layer('down', hiddenSize), spec.width, gated)
}
