// Reads the directory of a zip file (APPNOTE.TXT 6.3.10, with zip64) and finds where the bytes of each entry lie. Entries have to be stored;
// nothing is ever decompressed, so a zip bomb has nothing to burst.
import type { ByteSource } from '@fs/core'
import { fail } from '../errors.ts'
import { decodeText } from '../lossless-text.ts'
import { findDirectory, MAX_DIRECTORY_BYTES } from './find-directory.ts'

export type ZipEntry = {
  readonly name: string
  /** Where its bytes start in the file. */
  readonly offset: number
  readonly size: number
}

const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const LOCAL_BYTES = 30
/** Local headers read at once; each is one small request. */
const PARALLEL = 32

type CentralRecord = { readonly name: string; readonly nameLength: number; readonly size: number; readonly header: number }

/**
 * All entries of `source` by name, in the order of the directory.
 * @throws FsError zip/not-zip, zip/truncated, zip/directory, zip/compressed, zip/overlap, zip/duplicate, zip/limit
 */
export async function readZipDirectory(source: ByteSource): Promise<ReadonlyMap<string, ZipEntry>> {
  const file = source.name
  const directory = await findDirectory(source)
  if (directory.size > MAX_DIRECTORY_BYTES) {
    throw fail('zip/limit', `${file}: its zip directory has ${directory.size} bytes; at most ${MAX_DIRECTORY_BYTES} are read`, {
      file,
      size: directory.size,
    })
  }
  const records = parseDirectory(await source.read(directory.offset, directory.size), directory.count, file)
  const entries = new Map<string, ZipEntry>()
  for (let first = 0; first < records.length; first += PARALLEL) {
    const batch = records.slice(first, first + PARALLEL)
    for (const entry of await Promise.all(batch.map((record) => locate(source, record, directory.offset)))) {
      if (entries.has(entry.name)) throw fail('zip/duplicate', `${file} has two entries "${entry.name}"`, { file, entry: entry.name })
      entries.set(entry.name, entry)
    }
  }
  checkOverlaps(file, [...entries.values()])
  return entries
}

function parseDirectory(bytes: Uint8Array, count: number, file: string): CentralRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const records: CentralRecord[] = []
  let at = 0
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL) {
      throw fail('zip/directory', `${file}: record ${index} of its zip directory is damaged`, { file, index })
    }
    const [nameLength, extraLength, commentLength] = [
      view.getUint16(at + 28, true),
      view.getUint16(at + 30, true),
      view.getUint16(at + 32, true),
    ]
    const end = at + 46 + nameLength + extraLength + commentLength
    if (end > bytes.length) throw fail('zip/directory', `${file}: record ${index} of its zip directory is cut`, { file, index })
    const name = decodeText(bytes.subarray(at + 46, at + 46 + nameLength))
    refuseCoded(file, name, view.getUint16(at + 8, true), view.getUint16(at + 10, true))
    const wide = wideFields(bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength))
    const size = wide(view.getUint32(at + 24, true))
    const compressed = wide(view.getUint32(at + 20, true))
    const header = wide(view.getUint32(at + 42, true))
    if (size !== compressed)
      throw fail('zip/directory', `${file}: "${name}" is stored, yet has two sizes, ${compressed} and ${size}`, { file, entry: name })
    records.push({ name, nameLength, size, header })
    at = end
  }
  if (at !== bytes.length)
    throw fail('zip/directory', `${file}: its zip directory has ${bytes.length - at} bytes more than its records`, { file })
  return records
}

/** Bit 0 of the flags is encryption; method 0 is stored. */
function refuseCoded(file: string, name: string, flags: number, method: number): void {
  if ((flags & 1) === 0 && method === 0) return
  const how = method === 0 ? 'encrypted' : `compressed (method ${method})`
  throw fail('zip/compressed', `${file}: "${name}" is ${how}; PyTorch stores entries as they are, so this is no checkpoint`, {
    file,
    entry: name,
    method,
  })
}

/** Reads fields of which 32 bits of ones mean "in the zip64 extra field", where they stand in the same order (APPNOTE 4.5.3). */
function wideFields(extra: Uint8Array): (narrow: number) => number {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength)
  let at = -1
  let end = -1
  for (let field = 0; field + 4 <= extra.length; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== 0x0001) continue
    at = field + 4
    end = Math.min(extra.length, at + view.getUint16(field + 2, true))
    break
  }
  return (narrow) => {
    if (narrow !== 0xffffffff || at < 0 || at + 8 > end) return narrow
    at += 8
    return Number(view.getBigUint64(at - 8, true))
  }
}

/** Finds an entry's bytes through its local header, whose extra field differs from the directory's (PyTorch pads there). */
async function locate(source: ByteSource, record: CentralRecord, limit: number): Promise<ZipEntry> {
  const { name, size, header } = record
  const file = source.name
  const headBytes = LOCAL_BYTES + record.nameLength
  if (!Number.isSafeInteger(header + size) || header + headBytes > limit) {
    throw fail('zip/truncated', `${file}: "${name}" lies outside the file; it is cut or damaged`, { file, entry: name })
  }
  const head = await source.read(header, headBytes)
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const sameName = view.getUint16(26, true) === record.nameLength && decodeText(head.subarray(LOCAL_BYTES)) === name
  if (view.getUint32(0, true) !== LOCAL || !sameName) {
    throw fail('zip/directory', `${file}: there is another entry, or none, where "${name}" should be`, { file, entry: name })
  }
  refuseCoded(file, name, view.getUint16(6, true), view.getUint16(8, true))
  const offset = header + headBytes + view.getUint16(28, true)
  if (offset + size > limit)
    throw fail('zip/truncated', `${file}: "${name}" reaches beyond the file; it is cut or damaged`, { file, entry: name })
  return { name, offset, size }
}

function checkOverlaps(file: string, entries: readonly ZipEntry[]): void {
  let end = 0
  for (const { name, offset, size } of entries.toSorted((a, b) => a.offset - b.offset)) {
    if (offset < end) throw fail('zip/overlap', `${file}: "${name}" shares bytes with another entry`, { file, entry: name })
    end = offset + size
  }
}
