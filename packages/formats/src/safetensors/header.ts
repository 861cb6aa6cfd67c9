// Reads and checks the header of one safetensors file, rule by rule as the safetensors crate does (safetensors/src/tensor.rs), with an error
// of its own for each rule. It reads no tensor data.
import { type ByteSource, DTYPES, type Dtype, FsError, isDtype, type Json, type JsonObject } from '@fs/core'
import { fail } from '../errors.ts'
import { parseJson } from '../json/parse.ts'
import { isObject } from '../json/read-json-object.ts'

/** MAX_HEADER_SIZE of the crate: 100 MB, decimal. */
export const MAX_HEADER_BYTES = 100_000_000

/** One tensor; `offset` counts from the start of the file. */
export type HeaderEntry = {
  readonly name: string
  readonly type: Dtype
  readonly shape: readonly number[]
  readonly offset: number
  readonly byteLength: number
}

export type SafetensorsHeader = {
  /** In the order of their bytes. */
  readonly entries: readonly HeaderEntry[]
  /** `__metadata__`, empty when absent. */
  readonly metadata: ReadonlyMap<string, string>
  readonly dataOffset: number
}

/** Where what is wrong with single tensors goes: by default it is thrown. */
export type ReportProblem = (problem: FsError) => void

const throwIt: ReportProblem = (problem) => {
  throw problem
}

/**
 * Reads the header of `source`: two requests, or one when the header is small.
 * @param report gets each problem of a single tensor, which is then left out; for looking at damaged files, never for converting one
 * @throws FsError with a `safetensors/` code for anything malformed
 */
export async function readSafetensorsHeader(source: ByteSource, report: ReportProblem = throwIt): Promise<SafetensorsHeader> {
  const file = source.name
  if (source.size < 8)
    throw fail('safetensors/truncated', `${file} has ${source.size} bytes; download it again`, { file, size: source.size })
  const head = await source.read(0, Math.min(source.size, 64 * 1024))
  const declared = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true)
  if (declared > BigInt(MAX_HEADER_BYTES)) {
    throw fail('safetensors/header-too-large', `${file} declares a header of ${declared} bytes; at most ${MAX_HEADER_BYTES} are allowed`, {
      file,
      declared,
    })
  }
  const length = Number(declared)
  if (length > source.size - 8) {
    throw fail('safetensors/truncated', `${file} ends inside its header of ${length} bytes; download it again`, {
      file,
      length,
      size: source.size,
    })
  }
  const bytes = 8 + length <= head.length ? head.subarray(8, 8 + length) : await source.read(8, length)
  const header = parseHeader(bytes, file)
  const metadata = readStrings(header.__metadata__, file)
  const dataOffset = 8 + length
  const names = Object.keys(header).filter((name) => name !== '__metadata__')
  const entries = names.flatMap((name) => {
    try {
      return [readEntry(file, name, header[name]!, dataOffset)]
    } catch (error) {
      if (!FsError.is(error)) throw error
      report(error)
      return []
    }
  })
  checkCoverage(file, entries, { start: dataOffset, size: source.size, complete: entries.length === names.length }, report)
  return { entries, metadata, dataOffset }
}

function parseHeader(bytes: Uint8Array, file: string): JsonObject {
  // The crate demands that the first byte be the brace; padding is allowed behind only.
  if (bytes[0] !== 0x7b)
    throw fail('safetensors/header', `${file}: its header does not start with "{"; it is no safetensors file`, { file })
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return parseJson(text, { name: `the header of ${file}`, numbers: 'integers', duplicateKeys: 'refuse' }) as JsonObject
  } catch (cause) {
    const duplicate = FsError.is(cause) && cause.code === 'json/duplicate-key'
    const reason = FsError.is(cause) ? cause.message : `the header of ${file} is not UTF-8`
    throw fail(duplicate ? 'safetensors/duplicate-key' : 'safetensors/header', reason, { file }, cause)
  }
}

function readStrings(value: Json | undefined, file: string): ReadonlyMap<string, string> {
  // The crate takes null for none.
  if (value === undefined || value === null) return new Map()
  const pairs = isObject(value) ? Object.entries(value) : undefined
  if (pairs?.every((pair): pair is [string, string] => typeof pair[1] === 'string')) return new Map(pairs)
  throw fail('safetensors/metadata', `${file}: __metadata__ is not a map from strings to strings`, { file })
}

function readEntry(file: string, tensor: string, value: Json, dataOffset: number): HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = isObject(value) ? value : ({} as JsonObject)
  if (typeof dtype !== 'string' || !isNumbers(shape) || !isNumbers(offsets)) {
    throw fail('safetensors/tensor-entry', `${file}: the entry of "${tensor}" is not dtype, shape and data_offsets`, { file, tensor })
  }
  if (!isDtype(dtype))
    throw fail('safetensors/dtype', `${file}: tensor "${tensor}" has dtype ${dtype}, which is not supported`, { file, tensor, dtype })
  const count = shape.every(isSize) ? shape.reduce((product, size) => product * BigInt(size), 1n) : -1n
  if (count < 0n || count > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw fail('safetensors/shape', `${file}: tensor "${tensor}" has the impossible shape [${shape.join(', ')}]`, { file, tensor })
  }
  const [start, end] = offsets
  if (offsets.length !== 2 || start === undefined || end === undefined || !isSize(start) || !isSize(end) || end < start) {
    throw fail('safetensors/offsets', `${file}: tensor "${tensor}" has data_offsets [${offsets.join(', ')}], which is no range`, {
      file,
      tensor,
    })
  }
  const byteLength = end - start
  if (count * BigInt(DTYPES[dtype].bytes) !== BigInt(byteLength)) {
    const message = `${file}: tensor "${tensor}" (${dtype} [${shape.join(', ')}]) does not fit its ${byteLength} bytes`
    throw fail('safetensors/size-mismatch', message, { file, tensor, byteLength })
  }
  return { name: tensor, type: dtype, shape, offset: dataOffset + start, byteLength }
}

function isNumbers(value: Json | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number')
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

/**
 * Sorts the entries by their bytes and demands that these cover the data exactly: no byte twice, none left out, none after the end.
 * Where entries were left out (`complete` is false) their bytes are nobody's, so gaps are no news.
 */
function checkCoverage(
  file: string,
  entries: HeaderEntry[],
  { start, size, complete }: { readonly start: number; readonly size: number; readonly complete: boolean },
  report: ReportProblem,
): void {
  entries.sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength)
  let end = start
  for (const { name: tensor, offset, byteLength } of entries) {
    const beyond = offset + byteLength - size
    if (beyond > 0) {
      const message = `${file}: tensor "${tensor}" ends ${beyond} bytes beyond the file; download it again`
      report(fail('safetensors/beyond-end', message, { file, tensor, beyond }))
    }
    if (offset < end)
      report(fail('safetensors/overlap', `${file}: tensor "${tensor}" starts inside the bytes of another`, { file, tensor, offset }))
    if (offset > end && complete) {
      const message = `${file}: ${offset - end} bytes before tensor "${tensor}" belong to no tensor`
      report(fail('safetensors/gap', message, { file, tensor, gap: offset - end }))
    }
    end = Math.max(end, offset + byteLength)
  }
  if (end < size && complete)
    report(fail('safetensors/trailing-bytes', `${file} goes on for ${size - end} bytes after its last tensor`, { file, extra: size - end }))
}
