// Finds the directory of a zip file from its end. Only files that are one zip from the first byte to the last are meant.
import type { ByteSource } from '@fs/core'
import { fail } from '../errors.ts'

/** Bytes of directory read at most: room for some hundred thousand entries. */
export const MAX_DIRECTORY_BYTES = 32 * 1024 * 1024
/** Smallest directory record. */
const RECORD_BYTES = 46
const END = 0x06054b50
const END_BYTES = 22
const LOCATOR64 = 0x07064b50
const LOCATOR64_BYTES = 20
const END64 = 0x06064b50
const END64_BYTES = 56
const MAX_COMMENT = 0xffff

export type ZipDirectory = { readonly offset: number; readonly size: number; readonly count: number }

/**
 * Where the directory of `source` is, held against the file's size.
 * @throws FsError zip/not-zip when there is none, zip/directory when its numbers contradict each other or the file
 */
export async function findDirectory(source: ByteSource): Promise<ZipDirectory> {
  const file = source.name
  const tailLength = Math.min(source.size, END_BYTES + MAX_COMMENT + LOCATOR64_BYTES)
  const tailStart = source.size - tailLength
  const tail = await source.read(tailStart, tailLength)
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  const end = lastEnd(view)
  if (end === undefined) throw fail('zip/not-zip', `${file} has no zip directory at its end; it is cut, download it again`, { file })
  const narrow = { count: view.getUint16(end + 10, true), size: view.getUint32(end + 12, true), offset: view.getUint32(end + 16, true) }
  const directory = await widen(source, narrow, view, end, tailStart)
  const { offset, size, count } = directory
  if (!Number.isSafeInteger(offset + size) || offset + size > tailStart + end || count > size / RECORD_BYTES) {
    throw fail('zip/directory', `${file}: its zip directory (${count} entries, ${size} bytes at ${offset}) does not fit the file`, {
      file,
      offset,
      size,
      count,
    })
  }
  return directory
}

/** The last end record whose comment reaches exactly to the end of the file. */
function lastEnd(view: DataView): number | undefined {
  for (let at = view.byteLength - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) === END && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength) return at
  }
  return undefined
}

/** The directory as the zip64 end record has it, where there is one; the narrow numbers otherwise. */
async function widen(source: ByteSource, narrow: ZipDirectory, view: DataView, end: number, tailStart: number): Promise<ZipDirectory> {
  const locator = end - LOCATOR64_BYTES
  if (locator < 0 || view.getUint32(locator, true) !== LOCATOR64) return narrow
  const at = Number(view.getBigUint64(locator + 8, true))
  if (at > tailStart + locator - END64_BYTES) {
    throw fail('zip/directory', `${source.name}: the end of its zip64 directory lies outside the file`, { file: source.name, offset: at })
  }
  const bytes = await source.read(at, END64_BYTES)
  const wide = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (wide.getUint32(0, true) !== END64) {
    throw fail('zip/directory', `${source.name}: there is no zip64 end record where its locator points`, { file: source.name, offset: at })
  }
  return {
    count: Number(wide.getBigUint64(32, true)),
    size: Number(wide.getBigUint64(40, true)),
    offset: Number(wide.getBigUint64(48, true)),
  }
}
