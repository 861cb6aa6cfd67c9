// What the header's flatbuffer says, with nothing believed yet about the file around it: that is held against the file in `read.ts`.
import type { FsError } from '@fs/core'
import { litertlmError } from '../errors.ts'
import { flatBytes, NeedsMoreBytes } from '../flatbuffer/flat-bytes.ts'
import { type FlatTable, rootTable, slotPosition, tableSlot, tablesSlot, textSlot, uint8Slot, uint64Slot } from '../flatbuffer/table.ts'
import type { Items, ItemValue } from './container.ts'
import { KEY_VALUE_PAIR, META_DATA, SECTION_METADATA, SECTION_OBJECT, SYSTEM_METADATA, VALUE_TYPES } from './header-slots.ts'

export type DeclaredSection = { readonly type: number; readonly items: Items; readonly begin: bigint; readonly end: bigint }
export type DeclaredHeader = { readonly system: Items; readonly sections: readonly DeclaredSection[] }

/**
 * @param file its name, for messages
 * @throws FsError `litertlm/header` for offsets that lie, a key without name or value, and a value of unknown type; `litertlm/duplicate-key`
 */
export function readHeaderFlatbuffer(bytes: Uint8Array, file: string): DeclaredHeader {
  const problem = (reason: string, offset: number): FsError =>
    litertlmError('litertlm/header', `${file}: its header is damaged at byte ${offset} of the flatbuffer: ${reason}; download it again`, {
      file,
      offset,
    })
  try {
    const root = rootTable(flatBytes(bytes, bytes.length, problem))
    const system = tableSlot(root, META_DATA.system)
    const sections = tableSlot(root, META_DATA.sections)
    if (sections === undefined) throw problem('it has no list of sections', 0)
    return {
      system: system === undefined ? new Map() : itemsOf(tablesSlot(system, SYSTEM_METADATA.entries), file, 'the system metadata'),
      sections: tablesSlot(sections, SECTION_METADATA.objects).map((section, index) => ({
        type: uint8Slot(section, SECTION_OBJECT.type),
        items: itemsOf(tablesSlot(section, SECTION_OBJECT.items), file, `section ${index}`),
        begin: uint64Slot(section, SECTION_OBJECT.begin),
        end: uint64Slot(section, SECTION_OBJECT.end),
      })),
    }
  } catch (error) {
    // The whole header is at hand: what lies behind it lies nowhere.
    if (error instanceof NeedsMoreBytes) throw problem(error.message, error.end)
    throw error
  }
}

function itemsOf(pairs: readonly FlatTable[], file: string, place: string): Items {
  const items = new Map<string, ItemValue>()
  for (const pair of pairs) {
    const key = textSlot(pair, KEY_VALUE_PAIR.key)
    if (key === undefined) throw pair.bytes.problem(`${place} has a value without a key`, pair.position)
    if (items.has(key)) {
      throw litertlmError('litertlm/duplicate-key', `${file}: ${place} says ${JSON.stringify(key)} twice`, { file, key })
    }
    items.set(key, itemValue(pair, key))
  }
  return items
}

function itemValue(pair: FlatTable, key: string): ItemValue {
  const number = uint8Slot(pair, KEY_VALUE_PAIR.valueType)
  const type = VALUE_TYPES[number as keyof typeof VALUE_TYPES] as (typeof VALUE_TYPES)[keyof typeof VALUE_TYPES] | undefined
  const table = tableSlot(pair, KEY_VALUE_PAIR.value)
  if (type === undefined || table === undefined) {
    throw pair.bytes.problem(
      `${JSON.stringify(key)} has ${type === undefined ? `a value of unknown type ${number}` : 'no value'}`,
      pair.position,
    )
  }
  if (type.kind === 'text') {
    const text = textSlot(table, 0)
    if (text === undefined) throw pair.bytes.problem(`${JSON.stringify(key)} has no text`, table.position)
    return text
  }
  const at = slotPosition(table, 0, type.width)
  return scalarOf(table, at, type)
}

function scalarOf(
  { bytes }: FlatTable,
  at: number | undefined,
  type: { readonly kind: 'uint' | 'int' | 'float' | 'bool'; readonly width: number },
) {
  if (type.kind === 'bool') return at !== undefined && bytes.uint8(at) !== 0
  if (at === undefined) return type.kind !== 'float' && type.width === 8 ? 0n : 0
  if (type.kind === 'float') return type.width === 4 ? bytes.float32(at) : bytes.float64(at)
  if (type.width === 8) return type.kind === 'int' ? BigInt.asIntN(64, bytes.uint64(at)) : bytes.uint64(at)
  const value = type.width === 1 ? bytes.uint8(at) : type.width === 2 ? bytes.uint16(at) : bytes.uint32(at)
  const bits = 32 - 8 * type.width
  return type.kind === 'int' ? (value << bits) >> bits : value
}
