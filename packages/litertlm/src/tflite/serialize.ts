// A TFLite model as bytes: the flatbuffer, and where behind or inside it the weights and their scales belong.
// It knows nothing of decoders, and moves no weights.
import { Builder, type Offset } from 'flatbuffers'
import type { Buffer, Signature, Subgraph, Tensor, TfliteModel } from './model.ts'
import { type OperatorVersions, operatorTable, operatorVersions } from './operators.ts'
import { BLOCKWISE_DETAILS, FILE_IDENTIFIER, OPERATORS, SCHEMA_VERSION, SLOTS, TENSOR_TYPES, WEIGHT_ALIGNMENT } from './schema.ts'
import { indexVector, offsetVector } from './vectors.ts'

export type SerializedTflite = {
  /** The first bytes of the file; scales are zero. */
  readonly bytes: Uint8Array
  /** Size of the whole file, with its weights. */
  readonly byteLength: number
  /** For each buffer that is a weight, where its bytes belong; 0 for the others. */
  readonly weightOffsets: readonly number[]
  /** For each set, where its scales belong, in float32. */
  readonly scaleOffsets: readonly number[]
}

/**
 * Weights follow the flatbuffer at multiples of 64 bytes, in the order of the buffers. `outside`: buffers say where, by 64-bit offsets from the start
 * of the file. `inline`: buffers own them as vectors, which flatbuffers reach by 32-bit offsets; the caller keeps the file below 2 GiB.
 */
export function serializeTflite(model: TfliteModel, weights: 'outside' | 'inline'): SerializedTflite {
  const builder = new Builder(1 << 16)
  const versions = operatorVersions(model)
  const scaleSets = model.scaleSets.map((count) => scaleSet(builder, count))
  const places: (Offset | null)[] = []
  const buffers = model.buffers.map((buffer) => {
    const { table, place } = bufferTable(builder, buffer, weights)
    places.push(place)
    return table
  })
  const subgraphs = model.subgraphs.map((subgraph) => subgraphTable(builder, subgraph, scaleSets, versions))
  const signatures = model.signatures.map((signature) => signatureTable(builder, signature))
  const codes = versions.list.map(({ kind, version }) => operatorCode(builder, OPERATORS[kind].code, version))
  const vectors = [codes, subgraphs, buffers, signatures].map((tables) => offsetVector(builder, tables))
  const description = builder.createString(model.description)
  builder.startObject(8)
  builder.addFieldInt32(SLOTS.model.version, SCHEMA_VERSION, 0)
  builder.addFieldOffset(SLOTS.model.operatorCodes, vectors[0]!, 0)
  builder.addFieldOffset(SLOTS.model.subgraphs, vectors[1]!, 0)
  builder.addFieldOffset(SLOTS.model.description, description, 0)
  builder.addFieldOffset(SLOTS.model.buffers, vectors[2]!, 0)
  builder.addFieldOffset(SLOTS.model.signatures, vectors[3]!, 0)
  builder.finish(builder.endObject(), FILE_IDENTIFIER)

  const bytes = builder.asUint8Array()
  const fromStart = (place: Offset): number => bytes.length - place
  const placed = placeWeights(
    model.buffers,
    bytes,
    places.map((place) => (place === null ? null : fromStart(place))),
    weights,
  )
  return { bytes: placed.bytes, ...placed.layout, scaleOffsets: scaleSets.map(({ scales }) => fromStart(scales) + 4) }
}

/** Fills in where the weights are, now that the flatbuffer's size is known. */
function placeWeights(
  buffers: readonly Buffer[],
  flatbuffer: Uint8Array,
  places: readonly (number | null)[],
  weights: 'outside' | 'inline',
) {
  const view = new DataView(flatbuffer.buffer, flatbuffer.byteOffset, flatbuffer.byteLength)
  let end = flatbuffer.length
  const weightOffsets = buffers.map((buffer, index) => {
    const place = places[index]!
    if (buffer.kind !== 'weight' || place === null) return 0
    // An inline weight has its length in front, which belongs to the flatbuffer as much as the weight does.
    const gap = weights === 'inline' ? 4 : 0
    const offset = Math.ceil((end + gap) / WEIGHT_ALIGNMENT) * WEIGHT_ALIGNMENT
    if (weights === 'outside') view.setBigUint64(place, BigInt(offset), true)
    else view.setUint32(place, offset - 4 - place, true)
    end = offset + buffer.byteLength
    return offset
  })
  return { bytes: flatbuffer, layout: { byteLength: end, weightOffsets } }
}

/** @returns the table, and where its offset is to be filled in (both as distances from the flatbuffer's end) */
function bufferTable(builder: Builder, buffer: Buffer, weights: 'outside' | 'inline'): { table: Offset; place: Offset | null } {
  switch (buffer.kind) {
    case 'empty':
      builder.startObject(3)
      return { table: builder.endObject(), place: null }
    case 'constant': {
      builder.startVector(1, buffer.bytes.length, 16)
      for (let index = buffer.bytes.length - 1; index >= 0; index--) builder.addInt8(buffer.bytes[index]!)
      const data = builder.endVector()
      builder.startObject(3)
      builder.addFieldOffset(SLOTS.buffer.data, data, 0)
      return { table: builder.endObject(), place: null }
    }
    case 'weight': {
      builder.startObject(3)
      if (weights === 'outside') builder.addFieldInt64(SLOTS.buffer.size, BigInt(buffer.byteLength), 0n)
      // A number that is not the default, so that the field is there to be filled in.
      if (weights === 'outside') builder.addFieldInt64(SLOTS.buffer.offset, -1n, 0n)
      else builder.addFieldInt32(SLOTS.buffer.data, -1, 0)
      const place = builder.offset()
      return { table: builder.endObject(), place }
    }
    default:
      return buffer satisfies never
  }
}

type ScaleSet = { readonly table: Offset; readonly scales: Offset }

/** Quantization parameters of weights with a scale for each row; every tensor of such a weight shares them. */
function scaleSet(builder: Builder, count: number): ScaleSet {
  builder.startVector(8, count, 8)
  builder.pad(8 * count)
  const zeroPoints = builder.endVector()
  builder.startVector(4, count, 4)
  builder.pad(4 * count)
  const scales = builder.endVector()
  builder.startObject(7)
  builder.addFieldOffset(SLOTS.quantization.scales, scales, 0)
  builder.addFieldOffset(SLOTS.quantization.zeroPoints, zeroPoints, 0)
  return { table: builder.endObject(), scales }
}

function blockQuantization(builder: Builder, scales: number, blockSize: number): Offset {
  builder.startObject(3)
  // Tensor 0 is a signature's token input, so no scales; the default need not be written.
  builder.addFieldInt32(SLOTS.blockwise.scales, scales, 0)
  builder.addFieldInt32(SLOTS.blockwise.zeroPoints, -1, 0)
  builder.addFieldInt32(SLOTS.blockwise.blockSize, blockSize, 0)
  const details = builder.endObject()
  builder.startObject(7)
  builder.addFieldInt8(SLOTS.quantization.detailsType, BLOCKWISE_DETAILS, 0)
  builder.addFieldOffset(SLOTS.quantization.details, details, 0)
  return builder.endObject()
}

function subgraphTable(builder: Builder, subgraph: Subgraph, scaleSets: readonly ScaleSet[], versions: OperatorVersions): Offset {
  const tensors = offsetVector(
    builder,
    subgraph.tensors.map((tensor) => tensorTable(builder, tensor, scaleSets)),
  )
  const operators = offsetVector(
    builder,
    subgraph.operators.map((operator) => operatorTable(builder, operator, versions)),
  )
  const inputs = indexVector(builder, subgraph.inputs)
  const outputs = indexVector(builder, subgraph.outputs)
  const name = builder.createString(subgraph.name)
  builder.startObject(5)
  builder.addFieldOffset(SLOTS.subgraph.tensors, tensors, 0)
  builder.addFieldOffset(SLOTS.subgraph.inputs, inputs, 0)
  builder.addFieldOffset(SLOTS.subgraph.outputs, outputs, 0)
  builder.addFieldOffset(SLOTS.subgraph.operators, operators, 0)
  builder.addFieldOffset(SLOTS.subgraph.name, name, 0)
  return builder.endObject()
}

function tensorTable(builder: Builder, tensor: Tensor, scaleSets: readonly ScaleSet[]): Offset {
  const { quantization } = tensor
  const shape = indexVector(builder, tensor.shape)
  const name = builder.createSharedString(tensor.name)
  const parameters =
    quantization === null
      ? 0
      : quantization.kind === 'rows'
        ? scaleSets[quantization.scaleSet]!.table
        : blockQuantization(builder, quantization.scales, quantization.blockSize)
  builder.startObject(9)
  builder.addFieldOffset(SLOTS.tensor.shape, shape, 0)
  builder.addFieldOffset(SLOTS.tensor.name, name, 0)
  builder.addFieldOffset(SLOTS.tensor.quantization, parameters, 0)
  builder.addFieldInt32(SLOTS.tensor.buffer, tensor.buffer, 0)
  builder.addFieldInt8(SLOTS.tensor.type, TENSOR_TYPES[tensor.type].code, 0)
  builder.addFieldInt8(SLOTS.tensor.hasRank, 1, 0)
  return builder.endObject()
}

function signatureTable(builder: Builder, signature: Signature): Offset {
  const maps = [signature.inputs, signature.outputs].map((entries) =>
    offsetVector(
      builder,
      entries.map(({ name, tensor }) => {
        const label = builder.createSharedString(name)
        builder.startObject(2)
        builder.addFieldOffset(SLOTS.tensorMap.name, label, 0)
        builder.addFieldInt32(SLOTS.tensorMap.tensor, tensor, 0)
        return builder.endObject()
      }),
    ),
  )
  const key = builder.createString(signature.key)
  builder.startObject(5)
  builder.addFieldOffset(SLOTS.signature.inputs, maps[0]!, 0)
  builder.addFieldOffset(SLOTS.signature.outputs, maps[1]!, 0)
  builder.addFieldOffset(SLOTS.signature.key, key, 0)
  builder.addFieldInt32(SLOTS.signature.subgraph, signature.subgraph, 0)
  return builder.endObject()
}

function operatorCode(builder: Builder, code: number, version: number): Offset {
  builder.startObject(4)
  // A byte once; the schema keeps 127 there for whatever no longer fits.
  builder.addFieldInt8(SLOTS.operatorCode.deprecatedCode, Math.min(code, 127), 0)
  builder.addFieldInt32(SLOTS.operatorCode.version, version, 1)
  builder.addFieldInt32(SLOTS.operatorCode.code, code, 0)
  return builder.endObject()
}
