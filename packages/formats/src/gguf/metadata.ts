// Reads the key-value part of a GGUF header. Nothing declared is believed: every length and count is held against the bytes that are left
// in the file before anything is allocated for it.
import type { FsError, MetadataArray, MetadataValue } from '@fs/core'
import { fail } from '../errors.ts'
import type { HeaderCursor } from '../header-cursor.ts'
import { decodeText } from '../lossless-text.ts'
import { MAX_BOXED_ELEMENTS, MAX_KEYS, MAX_NESTING } from './limits.ts'
import { isNumberType, NUMBER_TYPES, type NumberTypeName, OTHER_TYPES, type ValueTypeName, valueTypeById } from './value-types.ts'

/** Where a reader sends what it finds wrong: a strict one throws it, a lenient one notes it and goes on. */
export type Report = (error: FsError) => void

/** A header being read: its cursor, the width of its lengths (4 bytes in version 1, 8 since), and where problems go. */
export type HeaderContext = {
  readonly cursor: HeaderCursor
  readonly lengthBytes: 4 | 8
  readonly report: Report
  /** Elements that may still become JavaScript values of their own. */
  readonly budget: { boxed: number }
}

/** Smallest key-value pair: a key of one byte, a type, a value of one byte. */
const smallestPair = (lengthBytes: number) => lengthBytes + 1 + 4 + 1

/** Elements read between two looks at whether enough bytes are there. */
const BLOCK = 8192

export function headerContext(cursor: HeaderCursor, version: number, report: Report): HeaderContext {
  return { cursor, lengthBytes: version === 1 ? 4 : 8, report, budget: { boxed: MAX_BOXED_ELEMENTS } }
}

/**
 * Reads `count` key-value pairs into a map in file order.
 * @throws FsError gguf/declared-size, gguf/limit, gguf/truncated, gguf/empty-key, gguf/duplicate-key, gguf/value-type, gguf/nesting, gguf/bool
 */
export async function readMetadata(context: HeaderContext, count: number): Promise<Map<string, MetadataValue>> {
  checkCount(context, count, smallestPair(context.lengthBytes), 'metadata keys')
  if (count > MAX_KEYS)
    throw fail('gguf/limit', `${context.cursor.name} declares ${count} metadata keys; at most ${MAX_KEYS} are read`, { count })
  const metadata = new Map<string, MetadataValue>()
  for (let index = 0; index < count; index++) {
    const key = await readString(context, `the name of metadata key ${index}`)
    if (key === '') context.report(fail('gguf/empty-key', `${context.cursor.name}: metadata key ${index} is empty`, { index }))
    const value = await readTagged(context, key)
    if (metadata.has(key)) context.report(fail('gguf/duplicate-key', `${context.cursor.name}: metadata key "${key}" occurs twice`, { key }))
    else metadata.set(key, value)
  }
  return metadata
}

/** Reads a length or count: u32 in version 1, u64 since. Beyond 2^53 the result is inexact but still too large for any file. */
export async function readLength(context: HeaderContext, what: string): Promise<number> {
  const { cursor, lengthBytes } = context
  if (!cursor.has(lengthBytes)) await cursor.fill(lengthBytes, what)
  return lengthBytes === 4 ? cursor.u32() : Number(cursor.u64())
}

/** @throws FsError gguf/declared-size when its length reaches beyond the file */
export async function readString(context: HeaderContext, what: string): Promise<string> {
  const { cursor } = context
  const length = await readLength(context, what)
  if (length > cursor.remaining) throw declaredSize(context, what, `${length} bytes`)
  if (!cursor.has(length)) await cursor.fill(length, what)
  return decodeText(cursor.take(length))
}

/** @throws FsError gguf/declared-size when `count` things of at least `smallest` bytes cannot fit into the rest of the file */
export function checkCount(context: HeaderContext, count: number, smallest: number, what: string): void {
  if (count > context.cursor.remaining / smallest) throw declaredSize(context, what, `${count} ${what}`)
}

function declaredSize(context: HeaderContext, what: string, declared: string): FsError {
  const { name, remaining, offset } = context.cursor
  return fail(
    'gguf/declared-size',
    `${name} declares ${declared} for ${what}, but only ${remaining} bytes are left; the file is cut or not GGUF`,
    {
      file: name,
      offset,
      remaining,
    },
  )
}

async function readType(context: HeaderContext, what: string): Promise<ValueTypeName> {
  const { cursor } = context
  if (!cursor.has(4)) await cursor.fill(4, what)
  const id = cursor.u32()
  const type = valueTypeById(id)
  if (type !== undefined) return type
  // What follows cannot be skipped without knowing its size, so even a lenient reader stops here.
  throw fail('gguf/value-type', `${cursor.name}: ${what} has type ${id}, which GGUF does not have`, { file: cursor.name, type: id })
}

async function readTagged(context: HeaderContext, key: string): Promise<MetadataValue> {
  const what = `metadata "${key}"`
  const type = await readType(context, what)
  if (type === 'ARRAY') return readArray(context, what, 1)
  if (type === 'STRING') return { type, value: await readString(context, what) }
  const { cursor } = context
  const bytes = isNumberType(type) ? NUMBER_TYPES[type].bytes : OTHER_TYPES[type].bytes
  if (!cursor.has(bytes)) await cursor.fill(bytes, what)
  switch (type) {
    case 'BOOL':
      return { type, value: toBoolean(context, cursor.u8(), what) }
    case 'UINT64':
      return { type, value: cursor.u64() }
    case 'INT64':
      return { type, value: cursor.i64() }
    default:
      return { type, value: NUMBER_TYPES[type].read(cursor) }
  }
}

/** The specification allows 0 and 1 only; llama.cpp takes anything else for true, and so does a lenient reader. */
function toBoolean(context: HeaderContext, byte: number, what: string): boolean {
  if (byte > 1)
    context.report(fail('gguf/bool', `${context.cursor.name}: ${what} is the boolean ${byte}; only 0 and 1 are allowed`, { value: byte }))
  return byte !== 0
}

async function readArray(context: HeaderContext, what: string, level: number): Promise<MetadataArray> {
  const of = await readType(context, what)
  const length = await readLength(context, what)
  const smallest = isNumberType(of)
    ? NUMBER_TYPES[of].bytes
    : of === 'STRING'
      ? context.lengthBytes
      : of === 'ARRAY'
        ? 4 + context.lengthBytes
        : OTHER_TYPES[of].bytes
  checkCount(context, length, smallest, `elements of ${what}`)
  if (isNumberType(of)) return { type: 'ARRAY', of, value: await readNumbers(context, of, length, what) }
  context.budget.boxed -= length
  if (context.budget.boxed < 0) {
    throw fail('gguf/limit', `${context.cursor.name}: ${what} has ${length} elements; at most ${MAX_BOXED_ELEMENTS} are read`, { length })
  }
  switch (of) {
    case 'STRING': {
      return { type: 'ARRAY', of, value: await readStrings(context, length, what) }
    }
    case 'ARRAY': {
      if (level === MAX_NESTING)
        throw fail('gguf/nesting', `${context.cursor.name}: ${what} is nested more than ${MAX_NESTING} levels deep`)
      const value: MetadataArray[] = []
      for (let index = 0; index < length; index++) value.push(await readArray(context, what, level + 1))
      return { type: 'ARRAY', of, value }
    }
    case 'BOOL': {
      const value: boolean[] = []
      await inBlocks(context, length, 1, what, (cursor) => value.push(toBoolean(context, cursor.u8(), what)))
      return { type: 'ARRAY', of, value }
    }
    case 'UINT64':
    case 'INT64': {
      const value: bigint[] = []
      await inBlocks(context, length, 8, what, (cursor) => value.push(of === 'UINT64' ? cursor.u64() : cursor.i64()))
      return { type: 'ARRAY', of, value }
    }
    default:
      return of satisfies never
  }
}

/** Like `readString` in a loop, but waiting only where bytes have to be fetched: twice as fast on a quarter of a million tokens (measured). */
async function readStrings(context: HeaderContext, count: number, what: string): Promise<string[]> {
  const { cursor, lengthBytes } = context
  const values: string[] = []
  for (let index = 0; index < count; index++) {
    if (!cursor.has(lengthBytes)) await cursor.fill(lengthBytes, what)
    const length = lengthBytes === 4 ? cursor.u32() : Number(cursor.u64())
    if (length > cursor.remaining) throw declaredSize(context, what, `${length} bytes`)
    if (!cursor.has(length)) await cursor.fill(length, what)
    values.push(decodeText(cursor.take(length)))
  }
  return values
}

async function readNumbers(context: HeaderContext, of: NumberTypeName, length: number, what: string): Promise<ArrayLike<number>> {
  const { bytes, read, array } = NUMBER_TYPES[of]
  // The whole array is made available before its copy is allocated, so an array over the header limit allocates nothing.
  if (!context.cursor.has(length * bytes)) await context.cursor.fill(length * bytes, what)
  const values = array(length)
  for (let index = 0; index < length; index++) values[index] = read(context.cursor)
  return values
}

async function inBlocks(
  context: HeaderContext,
  length: number,
  bytes: number,
  what: string,
  take: (cursor: HeaderCursor) => void,
): Promise<void> {
  const { cursor } = context
  for (let done = 0; done < length; done += BLOCK) {
    const block = Math.min(BLOCK, length - done)
    if (!cursor.has(block * bytes)) await cursor.fill(block * bytes, what)
    for (let index = 0; index < block; index++) take(cursor)
  }
}
