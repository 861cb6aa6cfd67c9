// Lays out a safetensors file before any of its data exists: the exact header bytes and the place of every tensor. Pure.
import { DTYPES, type Dtype } from '@fs/core'
import { fail } from '../errors.ts'
import { MAX_HEADER_BYTES } from './header.ts'

export type SafetensorsLayoutInput = {
  /** `__metadata__`; transformers wants `format: pt` to be in it. */
  readonly metadata?: ReadonlyMap<string, string>
  readonly tensors: readonly { readonly name: string; readonly dtype: Dtype; readonly shape: readonly number[] }[]
}

export type SafetensorsLayout = {
  /** Length, JSON and padding. */
  readonly header: Uint8Array
  /** In the order of their bytes; offsets count from the start of the file. */
  readonly tensors: readonly { readonly name: string; readonly offset: number; readonly byteLength: number }[]
  readonly size: number
}

/** The order the crate writes dtypes in, wider ones first so that all are aligned; seen from a file of every dtype saved by safetensors 0.8.0. */
const DTYPE_ORDER = [
  'U64',
  'I64',
  'F64',
  'F32',
  'U32',
  'I32',
  'BF16',
  'F16',
  'U16',
  'I16',
  'F8_E4M3',
  'F8_E5M2',
  'I8',
  'U8',
  'BOOL',
] as const satisfies readonly Dtype[]

/**
 * Places tensors as the safetensors crate does, byte for byte: wider dtypes first, then by name, the header padded with spaces to 8.
 * @throws FsError safetensors/unwritable for a repeated or reserved name, a shape without an exact size, or a header over 100 MB
 */
export function layoutSafetensors(input: SafetensorsLayoutInput): SafetensorsLayout {
  const seen = new Set(['__metadata__'])
  const rank = new Map<Dtype, number>(DTYPE_ORDER.map((dtype, index) => [dtype, index]))
  const sized = input.tensors.map((tensor) => {
    if (seen.has(tensor.name))
      throw fail('safetensors/unwritable', `tensor "${tensor.name}" is to be written twice, or has a reserved name`)
    seen.add(tensor.name)
    return { ...tensor, byteLength: exactBytes(tensor.name, tensor.dtype, tensor.shape), nameBytes: new TextEncoder().encode(tensor.name) }
  })
  sized.sort((a, b) => rank.get(a.dtype)! - rank.get(b.dtype)! || compareBytes(a.nameBytes, b.nameBytes))

  const fields: string[] = []
  if (input.metadata !== undefined) {
    const pairs = [...input.metadata].sort(([a], [b]) => (a < b ? -1 : 1))
    fields.push(`"__metadata__":{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`)
  }
  let offset = 0
  const places: { readonly name: string; readonly offset: number; readonly byteLength: number }[] = []
  for (const { name, dtype, shape, byteLength } of sized) {
    fields.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [offset, offset + byteLength] })}`)
    places.push({ name, offset, byteLength })
    offset += byteLength
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`)
  const length = Math.ceil(json.length / 8) * 8
  if (length > MAX_HEADER_BYTES || !Number.isSafeInteger(offset)) {
    throw fail('safetensors/unwritable', `the header would have ${length} bytes and the data ${offset}; write several shards`, { length })
  }
  const header = new Uint8Array(8 + length).fill(0x20)
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true)
  header.set(json, 8)
  return {
    header,
    tensors: places.map((place) => ({ ...place, offset: header.length + place.offset })),
    size: header.length + offset,
  }
}

function exactBytes(name: string, dtype: Dtype, shape: readonly number[]): number {
  const whole = shape.every((size) => Number.isSafeInteger(size) && size >= 0)
  const bytes = whole ? shape.reduce((product, size) => product * BigInt(size), BigInt(DTYPES[dtype].bytes)) : -1n
  if (bytes >= 0n && bytes <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(bytes)
  throw fail('safetensors/unwritable', `tensor "${name}" has the impossible shape [${shape.join(', ')}]`, { tensor: name })
}

/** Rust compares strings by their UTF-8 bytes, JavaScript by UTF-16 units; they differ beyond the basic plane. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length)
  for (let index = 0; index < common; index++) {
    if (a[index] !== b[index]) return a[index]! - b[index]!
  }
  return a.length - b.length
}
