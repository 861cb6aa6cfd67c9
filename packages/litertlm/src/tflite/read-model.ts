// The tables of a TFLite flatbuffer as plain data, every index held against the list it points into.
// Whether constants fit their tensors and the file is checked in `check-buffers.ts`.
import type { FlatBytes } from '../flatbuffer/flat-bytes.ts'
import {
  type FlatTable,
  rootTable,
  slotPosition,
  tableSlot,
  tablesSlot,
  textSlot,
  uint8Slot,
  uint32Slot,
  uint64Slot,
  vectorSlot,
} from '../flatbuffer/table.ts'
import { BLOCKWISE_DETAILS, COMPOSITE_OPTIONS, SCHEMA_VERSION, SLOTS, TENSOR_TYPES } from './schema.ts'
import type {
  StoredBuffer,
  StoredOperator,
  StoredQuantization,
  StoredSignature,
  StoredSubgraph,
  StoredTensor,
  StoredTflite,
} from './stored.ts'

/** A buffer as its table declares it: of a constant inside the flatbuffer, the length is still to be read. */
export type DeclaredBuffer = Exclude<StoredBuffer, { kind: 'inline' }> | { readonly kind: 'inline'; readonly vector: number }

export type DeclaredModel = Omit<StoredTflite, 'buffers'> & { readonly buffers: readonly DeclaredBuffer[] }

const TYPE_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(TENSOR_TYPES).map(([name, { code }]) => [code, name]))

type Reading = {
  readonly bytes: FlatBytes
  /** Tables may be shared, so a small file can declare a huge model: what is read in all is limited. */
  spend(table: FlatTable, slot: number): void
}

/** @param allowance entries of vectors to read in all: of an honest file, far fewer than bytes */
export function readModel(bytes: FlatBytes, allowance: number): DeclaredModel {
  let left = allowance
  const reading: Reading = {
    bytes,
    spend: (table, slot) => {
      left -= vectorSlot(table, slot, 4)?.length ?? 0
      if (left < 0) throw bytes.problem('its lists have more entries than it has bytes', table.position)
    },
  }
  const model = rootTable(bytes)
  const version = uint32Slot(model, SLOTS.model.version)
  if (version !== SCHEMA_VERSION) throw bytes.problem(`it has version ${version}, and only ${SCHEMA_VERSION} is known`, model.position)
  const codes = tables(reading, model, SLOTS.model.operatorCodes).map((code) => ({
    // Writers before the wider field existed filled only the byte.
    code: Math.max(uint8Slot(code, SLOTS.operatorCode.deprecatedCode), uint32Slot(code, SLOTS.operatorCode.code)),
    version: uint32Slot(code, SLOTS.operatorCode.version, 1),
  }))
  const buffers = tables(reading, model, SLOTS.model.buffers).map((table) => bufferOf(table))
  const subgraphTables = tables(reading, model, SLOTS.model.subgraphs)
  const counts = { codes, buffers: buffers.length, subgraphs: subgraphTables.length }
  const subgraphs = subgraphTables.map((table) => subgraphOf(reading, table, counts))
  const signatures = tables(reading, model, SLOTS.model.signatures).map((table) => signatureOf(reading, table, subgraphs))
  return { description: textSlot(model, SLOTS.model.description) ?? '', subgraphs, signatures, buffers }
}

type Counts = {
  readonly codes: readonly { readonly code: number; readonly version: number }[]
  readonly buffers: number
  readonly subgraphs: number
}

function tables(reading: Reading, table: FlatTable, slot: number): readonly FlatTable[] {
  reading.spend(table, slot)
  return tablesSlot(table, slot)
}

/** Signed numbers, each from `least` to below `limit`. */
function indices(reading: Reading, table: FlatTable, slot: number, least: number, limit: number, what: string): readonly number[] {
  reading.spend(table, slot)
  const vector = vectorSlot(table, slot, 4)
  if (vector === undefined) return []
  return Array.from({ length: vector.length }, (_, index) => {
    const value = reading.bytes.int32(vector.position + 4 * index)
    if (value < least || value >= limit) throw reading.bytes.problem(`there is no ${what} ${value}`, vector.position + 4 * index)
    return value
  })
}

function bufferOf(table: FlatTable): DeclaredBuffer {
  const [offset, byteLength] = [uint64Slot(table, SLOTS.buffer.offset), uint64Slot(table, SLOTS.buffer.size)]
  // An offset of 0 or 1 means that there is none (schema.fbs, `Buffer.offset`).
  if (offset > 1n) {
    if (offset + byteLength > table.bytes.size) {
      throw table.bytes.problem(`a weight of ${byteLength} bytes at ${offset} lies outside its ${table.bytes.size} bytes`, table.position)
    }
    return { kind: 'outside', offset: Number(offset), byteLength: Number(byteLength) }
  }
  const at = slotPosition(table, SLOTS.buffer.data, 4)
  return at === undefined ? { kind: 'empty' } : { kind: 'inline', vector: at + table.bytes.uint32(at) }
}

function subgraphOf(reading: Reading, table: FlatTable, counts: Counts): StoredSubgraph {
  const tensors = tables(reading, table, SLOTS.subgraph.tensors).map((tensor) => tensorOf(reading, tensor, counts.buffers))
  const among = (from: FlatTable, slot: number, least: -1 | 0) => indices(reading, from, slot, least, tensors.length, 'tensor')
  return {
    name: textSlot(table, SLOTS.subgraph.name) ?? '',
    tensors,
    inputs: among(table, SLOTS.subgraph.inputs, 0),
    outputs: among(table, SLOTS.subgraph.outputs, 0),
    operators: tables(reading, table, SLOTS.subgraph.operators).map((operator): StoredOperator => {
      const index = uint32Slot(operator, SLOTS.operator.code)
      const code = counts.codes[index]
      if (code === undefined) throw reading.bytes.problem(`there is no operator code ${index}`, operator.position)
      return {
        ...code,
        inputs: among(operator, SLOTS.operator.inputs, -1),
        outputs: among(operator, SLOTS.operator.outputs, 0),
        composite: compositeOf(operator, counts.subgraphs),
      }
    }),
  }
}

function compositeOf(operator: FlatTable, subgraphs: number): StoredOperator['composite'] {
  if (uint8Slot(operator, SLOTS.operator.options2Type) !== COMPOSITE_OPTIONS) return null
  const options = tableSlot(operator, SLOTS.operator.options2)
  if (options === undefined) throw operator.bytes.problem('a composite has no options', operator.position)
  const subgraph = uint32Slot(options, SLOTS.composite.subgraph)
  if (subgraph >= subgraphs) throw operator.bytes.problem(`there is no subgraph ${subgraph}`, options.position)
  return { name: textSlot(options, SLOTS.composite.name) ?? '', subgraph }
}

function tensorOf(reading: Reading, table: FlatTable, buffers: number): StoredTensor {
  const code = uint8Slot(table, SLOTS.tensor.type)
  const buffer = uint32Slot(table, SLOTS.tensor.buffer)
  if (buffer >= Math.max(buffers, 1)) throw reading.bytes.problem(`there is no buffer ${buffer}`, table.position)
  return {
    name: textSlot(table, SLOTS.tensor.name) ?? '',
    type: TYPE_NAMES.get(code) ?? `type ${code}`,
    shape: indices(reading, table, SLOTS.tensor.shape, 0, 2 ** 31, 'dimension'),
    buffer,
    quantization: quantizationOf(table),
  }
}

function quantizationOf(tensor: FlatTable): StoredQuantization | null {
  const table = tableSlot(tensor, SLOTS.tensor.quantization)
  if (table === undefined) return null
  const type = uint8Slot(table, SLOTS.quantization.detailsType)
  if (type === BLOCKWISE_DETAILS) {
    const details = tableSlot(table, SLOTS.quantization.details)
    if (details === undefined) throw table.bytes.problem('blocks of weights have no scales', table.position)
    return {
      kind: 'blocks',
      scales: uint32Slot(details, SLOTS.blockwise.scales),
      blockSize: uint32Slot(details, SLOTS.blockwise.blockSize),
    }
  }
  if (type !== 0) return { kind: 'other' }
  const scales = vectorSlot(table, SLOTS.quantization.scales, 4)?.length ?? 0
  const zeroPoints = vectorSlot(table, SLOTS.quantization.zeroPoints, 8)?.length ?? 0
  if (scales === 0) return null
  if (zeroPoints > 1 && zeroPoints !== scales) {
    throw table.bytes.problem(`a tensor has ${scales} scales and ${zeroPoints} zero points`, table.position)
  }
  return { kind: 'affine', scales, dimension: uint32Slot(table, SLOTS.quantization.dimension) }
}

function signatureOf(reading: Reading, table: FlatTable, subgraphs: readonly StoredSubgraph[]): StoredSignature {
  const key = textSlot(table, SLOTS.signature.key) ?? ''
  const subgraph = uint32Slot(table, SLOTS.signature.subgraph)
  const graph = subgraphs[subgraph]
  if (graph === undefined) throw reading.bytes.problem(`signature ${key} names subgraph ${subgraph}, which is not there`, table.position)
  const named = (slot: number): ReadonlyMap<string, StoredTensor> => {
    const entries = new Map<string, StoredTensor>()
    for (const entry of tables(reading, table, slot)) {
      const name = textSlot(entry, SLOTS.tensorMap.name) ?? ''
      const index = uint32Slot(entry, SLOTS.tensorMap.tensor)
      const tensor = graph.tensors[index]
      if (tensor === undefined)
        throw reading.bytes.problem(`${name} of signature ${key} names tensor ${index}, which is not there`, entry.position)
      if (entries.has(name)) throw reading.bytes.problem(`signature ${key} names ${name} twice`, entry.position)
      entries.set(name, tensor)
    }
    return entries
  }
  return { key, subgraph, inputs: named(SLOTS.signature.inputs), outputs: named(SLOTS.signature.outputs) }
}
