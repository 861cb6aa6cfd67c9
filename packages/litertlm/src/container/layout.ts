// Lays out a `.litertlm` file before its sections' bytes exist: the exact header, and where every section goes. Pure.
import { Builder } from 'flatbuffers'
import { litertlmError } from '../errors.ts'
import { BLOCK_BYTES, MAGIC, PREAMBLE_BYTES, VERSION } from './container.ts'
import { KEY_VALUE_PAIR, META_DATA, SECTION_METADATA, SECTION_OBJECT, STRING_VALUE, SYSTEM_METADATA } from './header-slots.ts'
import { SECTION_TYPES, type SectionType } from './section-types.ts'

/** Values are strings, which every version of the format reads alike. */
export type TextItems = ReadonlyMap<string, string>

export type SectionInput = { readonly type: SectionType; readonly items?: TextItems; readonly size: number }

export type ContainerLayout = {
  /** The file's first bytes; what follows up to the first section is zero. */
  readonly header: Uint8Array<ArrayBuffer>
  /** In the order given. */
  readonly sections: readonly { readonly offset: number; readonly size: number }[]
  /** Of the whole file, the zeros behind the last section included. */
  readonly size: number
}

/**
 * Places sections one after the other, each on a multiple of 16 KiB.
 * @throws FsError `litertlm/unwritable` when a size is no size, or the header does not fit before the first section
 */
export function layoutContainer(system: TextItems, sections: readonly SectionInput[]): ContainerLayout {
  const places: { readonly offset: number; readonly size: number }[] = []
  let offset = BLOCK_BYTES
  for (const [index, { type, size }] of sections.entries()) {
    const end = offset + size
    if (!Number.isSafeInteger(size) || size < 0 || !Number.isSafeInteger(end + BLOCK_BYTES)) {
      throw litertlmError('litertlm/unwritable', `section ${index} (${type}) cannot have ${size} bytes`, { section: index })
    }
    places.push({ offset, size })
    offset = roundUp(end)
  }
  const flatbuffer = buildHeader(system, sections, places)
  const headerEnd = PREAMBLE_BYTES + flatbuffer.length
  if (headerEnd > BLOCK_BYTES) {
    throw litertlmError(
      'litertlm/unwritable',
      `the header would have ${headerEnd} bytes, but the first section starts at ${BLOCK_BYTES}; give fewer or shorter items`,
      { headerEnd },
    )
  }
  const header = new Uint8Array(headerEnd)
  header.set(new TextEncoder().encode(MAGIC))
  const view = new DataView(header.buffer)
  view.setUint32(8, VERSION.major, true)
  view.setUint32(12, VERSION.minor, true)
  view.setUint32(16, VERSION.patch, true)
  view.setBigUint64(24, BigInt(headerEnd), true)
  header.set(flatbuffer, PREAMBLE_BYTES)
  return { header, sections: places, size: offset }
}

const roundUp = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES

function buildHeader(
  system: TextItems,
  sections: readonly SectionInput[],
  places: readonly { readonly offset: number; readonly size: number }[],
): Uint8Array {
  const builder = new Builder(1024)
  const entries = itemsVector(builder, system)
  builder.startObject(1)
  builder.addFieldOffset(SYSTEM_METADATA.entries, entries, 0)
  const systemTable = builder.endObject()
  const objects = sections.map(({ type, items }, index) => {
    const itemsOffset = itemsVector(builder, items ?? new Map())
    const { offset, size } = places[index]!
    builder.startObject(4)
    builder.addFieldOffset(SECTION_OBJECT.items, itemsOffset, 0)
    builder.addFieldInt64(SECTION_OBJECT.begin, BigInt(offset), 0n)
    builder.addFieldInt64(SECTION_OBJECT.end, BigInt(offset + size), 0n)
    builder.addFieldInt8(SECTION_OBJECT.type, SECTION_TYPES[type], 0)
    return builder.endObject()
  })
  const objectsVector = references(builder, objects)
  builder.startObject(1)
  builder.addFieldOffset(SECTION_METADATA.objects, objectsVector, 0)
  const sectionTable = builder.endObject()
  builder.startObject(2)
  builder.addFieldOffset(META_DATA.system, systemTable, 0)
  builder.addFieldOffset(META_DATA.sections, sectionTable, 0)
  builder.finish(builder.endObject())
  return builder.asUint8Array()
}

function itemsVector(builder: Builder, items: TextItems): number {
  const pairs = [...items].map(([key, value]) => {
    const [keyOffset, textOffset] = [builder.createString(key), builder.createString(value)]
    builder.startObject(1)
    builder.addFieldOffset(0, textOffset, 0)
    const valueOffset = builder.endObject()
    builder.startObject(3)
    builder.addFieldOffset(KEY_VALUE_PAIR.key, keyOffset, 0)
    builder.addFieldInt8(KEY_VALUE_PAIR.valueType, STRING_VALUE, 0)
    builder.addFieldOffset(KEY_VALUE_PAIR.value, valueOffset, 0)
    return builder.endObject()
  })
  return references(builder, pairs)
}

function references(builder: Builder, offsets: readonly number[]): number {
  builder.startVector(4, offsets.length, 4)
  for (const offset of offsets.toReversed()) builder.addOffset(offset)
  return builder.endVector()
}
