// What an ONNX model is, read from its file: operators, inputs and outputs, and its weights by type and place. Any exporter's.
// It runs nothing, and what a graph computes is not understood here.
import { fromBinary } from '@bufbuild/protobuf'
import { onnxError } from '../errors.ts'
import { ModelProtoSchema, type TensorProto, TensorProto_DataLocation, type ValueInfoProto } from '../proto/onnx_pb.ts'
import { DATA_TYPES, dataTypeName } from './data-types.ts'

export type ModelValue = { readonly name: string; readonly type: string; readonly shape: readonly (number | string)[] }

/** A weight of the graph. `location` is the file its bytes lie in, relative to the model's; null where they are in the graph itself. */
export type ModelWeight = {
  readonly name: string
  readonly type: string
  readonly shape: readonly number[]
  /** What type and shape come to; null for types of no fixed width. */
  readonly bytes: number | null
  readonly location: string | null
  readonly offset: number
  /** As the graph states it; null where it leaves it out. */
  readonly length: number | null
}

export type ModelDescription = {
  readonly producer: string
  readonly irVersion: number
  /** Versions of the operator sets, `ai.onnx` being the standard's. */
  readonly opsets: readonly { readonly domain: string; readonly version: number }[]
  readonly inputs: readonly ModelValue[]
  readonly outputs: readonly ModelValue[]
  /** Nodes of each operator, most frequent first; those of another domain as `com.microsoft.MatMulNBits`. */
  readonly operators: readonly { readonly operator: string; readonly count: number }[]
  readonly weights: readonly ModelWeight[]
}

/**
 * @param bytes of the .onnx file, without its external data
 * @param file its name, for messages
 * @throws FsError `onnx/damaged` when they are no ONNX model
 */
export function describeModel(bytes: Uint8Array, file: string): ModelDescription {
  const { irVersion, producerName, producerVersion, opsetImport, graph } = parse(bytes, file)
  if (graph === undefined || graph.node.length === 0) {
    throw onnxError('onnx/damaged', `${file} has no graph; export the model again, or download it once more`, { file })
  }
  const counts = new Map<string, number>()
  for (const { opType, domain } of graph.node) {
    const operator = domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`
    counts.set(operator, (counts.get(operator) ?? 0) + 1)
  }
  const stored = new Set(graph.initializer.map(({ name }) => name))
  return {
    producer: [producerName, producerVersion].filter((part) => part !== '').join(' '),
    irVersion: Number(irVersion),
    opsets: opsetImport.map(({ domain, version }) => ({ domain: domain === '' ? 'ai.onnx' : domain, version: Number(version) })),
    // Old exporters list weights as inputs too.
    inputs: graph.input.filter(({ name }) => !stored.has(name)).map(graphValueOf),
    outputs: graph.output.map(graphValueOf),
    operators: [...counts].map(([operator, count]) => ({ operator, count })).sort((left, right) => right.count - left.count),
    weights: graph.initializer.map((tensor) => weightOf(tensor, file)),
  }
}

function parse(bytes: Uint8Array, file: string) {
  try {
    return fromBinary(ModelProtoSchema, bytes)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw onnxError('onnx/damaged', `${file} is no ONNX model: ${reason}`, { file }, cause)
  }
}

function graphValueOf({ name, type }: ValueInfoProto): ModelValue {
  const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined
  const shape = tensor?.shape?.dim.map(({ value }) => {
    switch (value.case) {
      case 'dimValue':
        return Number(value.value)
      case 'dimParam':
        return value.value
      case undefined:
        return '?'
      default:
        return value satisfies never
    }
  })
  return { name, type: tensor === undefined ? 'unknown' : dataTypeName(tensor.elemType), shape: shape ?? [] }
}

function weightOf(tensor: TensorProto, file: string): ModelWeight {
  const shape = tensor.dims.map(Number)
  const external = new Map(tensor.externalData.map(({ key, value }) => [key, value]))
  const isExternal = tensor.dataLocation === TensorProto_DataLocation.EXTERNAL
  const location = isExternal ? external.get('location') : undefined
  if (isExternal && location === undefined) {
    throw onnxError('onnx/damaged', `${file}: the weight ${tensor.name} lies outside the file, but it is not said where`, {
      file,
      tensor: tensor.name,
    })
  }
  const length = external.get('length')
  return {
    name: tensor.name,
    type: dataTypeName(tensor.dataType),
    shape,
    bytes: bytesOf(tensor.dataType, shape),
    location: location ?? null,
    offset: Number(external.get('offset') ?? 0),
    length: length === undefined ? null : Number(length),
  }
}

/** Numbers of half a byte share one with their neighbour. */
function bytesOf(dataType: number, shape: readonly number[]): number | null {
  const bits = DATA_TYPES[dataType]?.bits
  return bits === undefined || bits === 0 ? null : Math.ceil((shape.reduce((product, size) => product * size, 1) * bits) / 8)
}
