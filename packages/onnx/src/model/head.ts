// From the last hidden state to logits: the output matrix, tied to the token embedding or its own, bias and soft cap.
// Which positions come here is decided in `decoder-graph.ts`.
import type { DecoderSpec } from '@fs/arch'
import { int } from '../graph/attributes.ts'
import type { Value } from '../graph/graph-builder.ts'
import { wholeTensor } from '../weights/graph-tensor.ts'
import type { Building } from './building.ts'
import { TOKEN_EMBEDDING, tokenTable } from './embedding.ts'
import { blockedProduct, linear } from './linear.ts'

/**
 * @param value [batch, positions, hiddenSize]
 * @returns [batch, positions, vocabularySize]
 */
export function logits(building: Building, spec: DecoderSpec, value: Value): Value {
  const { builder, options } = building
  const { head, vocabularySize, hiddenSize } = spec
  const constant = (number: number): Value => builder.constant(options.precision, [number], [])
  let scores =
    head.kind === 'untied'
      ? linear(building, { name: 'output', outputs: vocabularySize, bias: false }, hiddenSize, value)
      : tiedProduct(building, spec, value)
  if (head.bias) scores = builder.node('output', 'Add', [scores, outputBias(building, vocabularySize)])
  if (head.softCap !== null) {
    const small = builder.node('output', 'Tanh', [builder.node('output', 'Div', [scores, constant(head.softCap)])])
    scores = builder.node('output', 'Mul', [small, constant(head.softCap)])
  }
  return scores
}

/** The token embedding, transposed, without a second copy of it in the graph. */
function tiedProduct(building: Building, spec: DecoderSpec, value: Value): Value {
  const { builder, options } = building
  const { vocabularySize, hiddenSize } = spec
  const name = `${TOKEN_EMBEDDING}.weight`
  const format = options.formatOf(name)
  if (format.kind === 'blocks') {
    const parts = [wholeTensor(name, vocabularySize)]
    return blockedProduct(building, TOKEN_EMBEDDING, parts, format, { inputs: hiddenSize, outputs: vocabularySize }, value)
  }
  // MatMul cannot take its right side transposed; Gemm can, but only multiplies matrices.
  const rows = builder.reshape('output', value, [-1, hiddenSize])
  const scores = builder.node('output', 'Gemm', [rows, tokenTable(building, spec)], { transB: int(1) })
  const leading = builder.node('output', 'Shape', [value], { start: int(0), end: int(2) })
  const shape = builder.node('output', 'Concat', [leading, builder.constant('int64', [vocabularySize])], { axis: int(0) })
  return builder.node('output', 'Reshape', [scores, shape])
}

function outputBias(building: Building, vocabularySize: number): Value {
  return building.builder.initializer({
    name: 'output.bias',
    type: building.options.precision,
    shape: [vocabularySize],
    recipe: { kind: 'rows', parts: [wholeTensor('output.bias', vocabularySize)], add: 0 },
  })
}
