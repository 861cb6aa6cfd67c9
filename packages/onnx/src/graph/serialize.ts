// A collected graph as the bytes of an ONNX model whose weights lie outside it.
// It decides nothing: where the weights lie is the caller's word.
import { create, toBinary } from '@bufbuild/protobuf'
import { floatToHalf } from '@fs/quant/floats'
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
  type TensorShapeProto_Dimension,
  TensorShapeProto_DimensionSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../proto/onnx_pb.ts'
import { type GraphTensor, graphTensorBytes } from '../weights/graph-tensor.ts'
import type { Attribute } from './attributes.ts'
import { ELEMENT_TYPES, type ElementType } from './element-types.ts'
import type { Constant, Graph, GraphValue } from './graph-builder.ts'

/** Where an initializer's bytes lie: a path beside the model (or a key of in-memory data), and an offset into it. */
export type ExternalPlace = { readonly location: string; readonly offset: number }

/** Opset 21 is what onnxruntime-genai writes; IR version 10 is the first with its types (onnx.proto). */
const OPSET = 21n
const IR_VERSION = 10n

/** @returns the bytes of a ModelProto; `placeOf` is asked once for each initializer; those with the same `data` have one place. */
export function serializeGraph(graph: Graph, name: string, placeOf: (tensor: GraphTensor) => ExternalPlace): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: 'fartsovka',
      opsetImport: [
        { domain: '', version: OPSET },
        { domain: 'com.microsoft', version: 1n },
      ],
      graph: {
        name,
        node: graph.nodes.map((node) => ({
          input: [...node.inputs],
          output: [...node.outputs],
          name: node.name,
          opType: node.operator,
          domain: node.domain,
          attribute: node.attributes.map(([attribute, value]) => attributeProto(attribute, value)),
        })),
        initializer: [...graph.constants.map(constantProto), ...graph.initializers.map((tensor) => externalProto(tensor, placeOf(tensor)))],
        input: graph.inputs.map(valueProto),
        output: graph.outputs.map(valueProto),
      },
    }),
  )
}

function attributeProto(name: string, attribute: Attribute): AttributeProto {
  switch (attribute.kind) {
    case 'int':
      return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(attribute.value) })
    case 'ints':
      return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: attribute.value.map(BigInt) })
    case 'float':
      return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: attribute.value })
    case 'string':
      return create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.STRING,
        s: new TextEncoder().encode(attribute.value),
      })
    default:
      return attribute satisfies never
  }
}

function constantProto(constant: Constant): TensorProto {
  return create(TensorProtoSchema, {
    name: constant.name,
    dims: constant.shape.map(BigInt),
    dataType: ELEMENT_TYPES[constant.type].id,
    rawData: littleEndian(constant.type, constant.values),
  })
}

function externalProto(tensor: GraphTensor, place: ExternalPlace): TensorProto {
  return create(TensorProtoSchema, {
    name: tensor.name,
    dims: tensor.shape.map(BigInt),
    dataType: ELEMENT_TYPES[tensor.type].id,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: place.location },
      { key: 'offset', value: String(place.offset) },
      { key: 'length', value: String(graphTensorBytes(tensor)) },
    ],
  })
}

function valueProto(value: GraphValue): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name: value.name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: ELEMENT_TYPES[value.type].id,
          shape: {
            dim: value.shape.map(dimensionProto),
          },
        },
      },
    },
  })
}

function dimensionProto(dimension: number | string): TensorShapeProto_Dimension {
  return typeof dimension === 'number'
    ? create(TensorShapeProto_DimensionSchema, { value: { case: 'dimValue', value: BigInt(dimension) } })
    : create(TensorShapeProto_DimensionSchema, { value: { case: 'dimParam', value: dimension } })
}

const WRITE = {
  float32: (view, offset, value) => view.setFloat32(offset, value, true),
  float16: (view, offset, value) => view.setUint16(offset, floatToHalf(value), true),
  uint8: (view, offset, value) => view.setUint8(offset, value),
  bool: (view, offset, value) => view.setUint8(offset, value),
  int32: (view, offset, value) => view.setInt32(offset, value, true),
  int64: (view, offset, value) => view.setBigInt64(offset, BigInt(value), true),
} as const satisfies { readonly [Type in ElementType]: (view: DataView, offset: number, value: number) => void }

/** Numbers as ONNX's raw_data wants them: little-endian, in the element type's own width. */
function littleEndian(type: ElementType, values: readonly number[]): Uint8Array {
  const { bytes } = ELEMENT_TYPES[type]
  const view = new DataView(new ArrayBuffer(values.length * bytes))
  for (const [index, value] of values.entries()) WRITE[type](view, index * bytes, value)
  return new Uint8Array(view.buffer)
}
