// Tables of a flatbuffer, read by slot number, with every offset checked (https://flatbuffers.dev/internals). No schema is known here.
import type { FlatBytes } from './flat-bytes.ts'

/** A table: where it is, and where each of its slots is. */
export type FlatTable = {
  readonly bytes: FlatBytes
  readonly position: number
  /** Where its list of slots is, and how many it has; each is read when it is asked for, since many tables may share one long list. */
  readonly list: number
  readonly slots: number
  /** First byte behind the table's own values. */
  readonly end: number
}

/** A vector: where its first element is, and how many there are. */
export type FlatVector = { readonly bytes: FlatBytes; readonly position: number; readonly length: number }

/** The table that the first four bytes name. */
export function rootTable(bytes: FlatBytes): FlatTable {
  return tableAt(bytes, bytes.uint32(0))
}

/** @throws FsError when the table, its list of slots or a slot lies outside the flatbuffer, or is not aligned */
function tableAt(bytes: FlatBytes, position: number): FlatTable {
  const distance = bytes.int32(position)
  const list = position - distance
  if (position % 4 !== 0 || list % 2 !== 0) throw bytes.problem('a table is not aligned', position)
  if (list < 0) throw bytes.problem(`the slots of a table lie ${-list} bytes before the beginning`, position)
  const [listLength, tableLength] = [bytes.uint16(list), bytes.uint16(list + 2)]
  if (listLength < 4 || listLength % 2 !== 0 || tableLength < 4) throw bytes.problem('a table has impossible lengths', list)
  bytes.checkRange(position, tableLength)
  bytes.checkRange(list, listLength)
  return { bytes, position, list, slots: (listLength - 4) / 2, end: position + tableLength }
}

/** Where the value of a slot is, of `width` bytes that have to lie within the table; undefined for the default. */
export function slotPosition(table: FlatTable, slot: number, width: number): number | undefined {
  const offset = slot < table.slots ? table.bytes.uint16(table.list + 4 + 2 * slot) : 0
  if (offset === 0) return undefined
  const at = table.position + offset
  if (offset < 4 || at + width > table.end) throw table.bytes.problem(`slot ${slot} of a table lies outside the table`, at)
  if (at % width !== 0) throw table.bytes.problem(`slot ${slot} of a table is not aligned to ${width} bytes`, at)
  return at
}

export function uint8Slot(table: FlatTable, slot: number, otherwise = 0): number {
  const at = slotPosition(table, slot, 1)
  return at === undefined ? otherwise : table.bytes.uint8(at)
}

export function uint32Slot(table: FlatTable, slot: number, otherwise = 0): number {
  const at = slotPosition(table, slot, 4)
  return at === undefined ? otherwise : table.bytes.uint32(at)
}

export function uint64Slot(table: FlatTable, slot: number, otherwise = 0n): bigint {
  const at = slotPosition(table, slot, 8)
  return at === undefined ? otherwise : table.bytes.uint64(at)
}

export function textSlot(table: FlatTable, slot: number): string | undefined {
  const at = reference(table, slot)
  return at === undefined ? undefined : table.bytes.text(at)
}

export function tableSlot(table: FlatTable, slot: number): FlatTable | undefined {
  const at = reference(table, slot)
  return at === undefined ? undefined : tableAt(table.bytes, at)
}

/**
 * A vector of scalars or of references (`width` 4).
 * @throws FsError when its elements do not fit into the flatbuffer
 */
export function vectorSlot(table: FlatTable, slot: number, width: number): FlatVector | undefined {
  const at = reference(table, slot)
  if (at === undefined) return undefined
  const length = table.bytes.uint32(at)
  table.bytes.checkRange(at + 4, length * width)
  return { bytes: table.bytes, position: at + 4, length }
}

/** The tables of a vector of references. */
export function tablesSlot(table: FlatTable, slot: number): readonly FlatTable[] {
  const vector = vectorSlot(table, slot, 4)
  if (vector === undefined) return []
  const { bytes, position } = vector
  return Array.from({ length: vector.length }, (_, index) => {
    const at = position + 4 * index
    return tableAt(bytes, at + bytes.uint32(at))
  })
}

/** References count from where they stand, and only forwards. */
function reference(table: FlatTable, slot: number): number | undefined {
  const at = slotPosition(table, slot, 4)
  if (at === undefined) return undefined
  const distance = table.bytes.uint32(at)
  if (distance === 0) throw table.bytes.problem(`slot ${slot} of a table refers to itself`, at)
  return at + distance
}
