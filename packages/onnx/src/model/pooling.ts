// From token vectors to one vector for each text: pooling, the linear layers after it, scaling to length one.
// Names of the steps follow sentence-transformers' modules.
import type { EncoderSpec } from '@fs/arch'
import { int } from '../graph/attributes.ts'
import { ELEMENT_TYPES } from '../graph/element-types.ts'
import type { Value } from '../graph/graph-builder.ts'
import type { Building } from './building.ts'
import { linear } from './linear.ts'

/**
 * @param hidden [batch, sequence, hiddenSize]
 * @param mask int64 [batch, sequence]
 * @returns [batch, dimension]
 */
export function pool(
  building: Building,
  spec: EncoderSpec,
  pooling: Exclude<EncoderSpec['pooling'], 'none'>,
  hidden: Value,
  mask: Value,
): Value {
  const { builder } = building
  const constant = (values: readonly number[], shape?: readonly number[]): Value => builder.constant('int64', values, shape)
  // One row of vectors, [batch, 1, dimension], since linear layers take three dimensions.
  let rows = pooled(building, pooling, hidden, mask)
  for (const [index, dense] of spec.dense.entries()) {
    rows = linear(building, { name: `dense.${index}`, outputs: dense.outputSize, bias: dense.bias }, dense.inputSize, rows)
    switch (dense.activation) {
      case 'identity':
        break
      case 'tanh':
        rows = builder.node(`dense.${index}`, 'Tanh', [rows])
        break
      default:
        dense.activation satisfies never
    }
  }
  const vectors = builder.node('pooling', 'Squeeze', [rows, constant([1])])
  if (!spec.normalize) return vectors
  const length = builder.node('normalize', 'ReduceL2', [vectors, constant([-1])], { keepdims: int(1) })
  // torch.nn.functional.normalize divides by no less than this.
  const floor = builder.constant(building.options.precision, [building.options.precision === 'float32' ? 1e-12 : 1e-7], [])
  return builder.node('normalize', 'Div', [vectors, builder.node('normalize', 'Max', [length, floor])])
}

function pooled(building: Building, pooling: 'mean' | 'first' | 'last', hidden: Value, mask: Value): Value {
  const { builder, options } = building
  const constant = (values: readonly number[], shape?: readonly number[]): Value => builder.constant('int64', values, shape)
  switch (pooling) {
    case 'first':
      return builder.node('pooling', 'Slice', [hidden, constant([0]), constant([1]), constant([1])])
    case 'last': {
      const count = builder.node('pooling', 'ReduceSum', [mask, constant([1])], { keepdims: int(1) })
      const index = builder.node('pooling', 'Unsqueeze', [builder.node('pooling', 'Sub', [count, constant([1], [])]), constant([2])])
      return builder.node('pooling', 'GatherND', [hidden, index], { batch_dims: int(1) })
    }
    case 'mean': {
      const weights = builder.node('pooling', 'Cast', [mask], { to: int(ELEMENT_TYPES[options.precision].id) })
      const row = builder.node('pooling', 'Unsqueeze', [weights, constant([1])])
      const total = builder.node('pooling', 'ReduceSum', [row, constant([2])], { keepdims: int(1) })
      return builder.node('pooling', 'Div', [builder.node('pooling', 'MatMul', [row, hidden]), total])
    }
    default:
      return pooling satisfies never
  }
}
