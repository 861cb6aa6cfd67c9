// Operators of a TFLite model as flatbuffer tables, each with the options its kind has.
import type { Builder, Offset } from 'flatbuffers'
import { encode } from 'flatbuffers/js/flexbuffers.js'
import type { Operation, Operator, TfliteModel } from './model.ts'
import { COMPOSITE_OPTIONS, OPERATORS, type OperatorName, SLOTS, TENSOR_TYPES } from './schema.ts'
import { indexVector } from './vectors.ts'

/** The kinds and versions of operators a model uses, each once. */
export type OperatorVersions = {
  readonly list: readonly { readonly kind: OperatorName; readonly version: number }[]
  indexOf(operation: Operation): number
}

const keyOf = (operation: Operation): string => `${operation.kind} ${versionOf(operation)}`

/** Lowest version of the runtime's kernel that does what is asked (LiteRT op_version.cc). */
function versionOf(operation: Operation): number {
  return 'version' in operation ? operation.version : 1
}

export function operatorVersions(model: TfliteModel): OperatorVersions {
  const indices = new Map<string, number>()
  const list: { kind: OperatorName; version: number }[] = []
  for (const { operators } of model.subgraphs) {
    for (const { operation } of operators) {
      const key = keyOf(operation)
      if (indices.has(key)) continue
      indices.set(key, list.length)
      list.push({ kind: operation.kind, version: versionOf(operation) })
    }
  }
  return { list, indexOf: (operation) => indices.get(keyOf(operation))! }
}

export function operatorTable(builder: Builder, { operation, inputs, outputs }: Operator, versions: OperatorVersions): Offset {
  const inputVector = indexVector(builder, inputs)
  const outputVector = indexVector(builder, outputs)
  const { options: union } = OPERATORS[operation.kind]
  const options = optionsTable(builder, operation)
  builder.startObject(13)
  builder.addFieldInt32(SLOTS.operator.code, versions.indexOf(operation), 0)
  builder.addFieldOffset(SLOTS.operator.inputs, inputVector, 0)
  builder.addFieldOffset(SLOTS.operator.outputs, outputVector, 0)
  if (operation.kind === 'composite') {
    builder.addFieldInt8(SLOTS.operator.options2Type, COMPOSITE_OPTIONS, 0)
    builder.addFieldOffset(SLOTS.operator.options2, options, 0)
  } else if (union !== 0) {
    builder.addFieldInt8(SLOTS.operator.optionsType, union, 0)
    builder.addFieldOffset(SLOTS.operator.options, options, 0)
  }
  return builder.endObject()
}

/** Field numbers: the tables `…Options` of schema.fbs. */
function optionsTable(builder: Builder, operation: Operation): Offset {
  switch (operation.kind) {
    case 'composite':
      return compositeOptions(builder, operation)
    case 'fullyConnected':
      builder.startObject(5)
      // keep_num_dims: the output has the input's leading dimensions.
      builder.addFieldInt8(2, 1, 0)
      return builder.endObject()
    case 'concatenation':
      builder.startObject(2)
      builder.addFieldInt32(0, operation.axis, 0)
      return builder.endObject()
    case 'cast':
      builder.startObject(2)
      builder.addFieldInt8(0, TENSOR_TYPES[operation.from].code, 0)
      builder.addFieldInt8(1, TENSOR_TYPES[operation.to].code, 0)
      return builder.endObject()
    case 'batchMatmul':
      builder.startObject(3)
      builder.addFieldInt8(1, operation.transposeRight ? 1 : 0, 0)
      return builder.endObject()
    case 'gelu':
      builder.startObject(1)
      builder.addFieldInt8(0, operation.approximate ? 1 : 0, 0)
      return builder.endObject()
    case 'softmax':
      builder.startObject(1)
      // beta, the factor on its input
      builder.addFieldFloat32(0, 1, 0)
      return builder.endObject()
    case 'mean':
      builder.startObject(1)
      // keep_dims
      builder.addFieldInt8(0, 1, 0)
      return builder.endObject()
    case 'embeddingLookup':
    case 'sin':
    case 'rsqrt':
    case 'logistic':
    case 'relu':
      return 0
    case 'add':
    case 'mul':
    case 'sub':
    case 'reshape':
    case 'transpose':
    case 'less':
    case 'slice':
    case 'selectV2':
    case 'cos':
    case 'dequantize':
    case 'dynamicUpdateSlice':
      builder.startObject(0)
      return builder.endObject()
    default:
      return operation satisfies never
  }
}

function compositeOptions(builder: Builder, operation: Extract<Operation, { kind: 'composite' }>): Offset {
  const name = builder.createSharedString(operation.name)
  const attributes = builder.createByteVector(encode(operation.attributes))
  builder.startObject(5)
  builder.addFieldOffset(0, name, 0)
  builder.addFieldInt32(1, operation.subgraph, 0)
  builder.addFieldOffset(2, attributes, 0)
  return builder.endObject()
}
