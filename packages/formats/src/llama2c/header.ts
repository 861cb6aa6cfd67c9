// The header of a llama2.c checkpoint. Version 0 has no magic, so a file is held against the size its header implies, to the byte.
import { fail } from '../errors.ts'
import { bytesOf, LLAMA2C_LAYOUTS, type Llama2cHeader } from './layouts.ts'

/** `ak42`, as a little-endian number. */
const MAGIC = 0x616b3432
/** Versions 1 and 2 pad their header to this. */
const PADDED_HEADER = 256
/** Seven integers. */
const BARE_HEADER = 28
/** Bytes needed to parse any header. */
export const HEADER_BYTES = 64
/** No model of this kind is larger in any dimension, and products of these are exact. */
const MAX_DIMENSION = 2 ** 22
const MAX_LAYERS = 1024

type Version = keyof typeof LLAMA2C_LAYOUTS

export type Llama2cStart = { readonly version: Version; readonly header: Llama2cHeader; readonly dataOffset: number }

/**
 * Parses the header of a file of `size` bytes.
 * @throws FsError llama2c/not-llama2c, llama2c/version
 */
export function parseHeader(head: Uint8Array, size: number, file: string): Llama2cStart {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  if (head.length >= 8 && view.getUint32(0, true) === MAGIC) {
    const version = view.getInt32(4, true)
    if (version !== 1 && version !== 2)
      throw fail('llama2c/version', `${file} is a llama2.c checkpoint of version ${version}, which is unknown`, { file, version })
    if (view.byteLength < HEADER_BYTES) throw notLlama2c(file, size)
    const flags = 8 + BARE_HEADER
    const groupSize = version === 1 ? null : view.getInt32(flags + 1, true)
    return parse(view, 8, { version, dataOffset: PADDED_HEADER, shared: () => view.getUint8(flags) !== 0, groupSize }, size, file)
  }
  // A negative vocabulary size says that there is an output matrix of its own (run.c).
  return parse(view, 0, { version: 0, dataOffset: BARE_HEADER, shared: (vocabulary) => vocabulary > 0, groupSize: null }, size, file)
}

type Variant = {
  readonly version: Version
  readonly dataOffset: number
  readonly shared: (vocabulary: number) => boolean
  readonly groupSize: number | null
}

function parse(view: DataView, at: number, variant: Variant, size: number, file: string): Llama2cStart {
  if (view.byteLength < at + BARE_HEADER + 1 || size < variant.dataOffset) throw notLlama2c(file, size)
  const number = (index: number) => view.getInt32(at + index * 4, true)
  const header: Llama2cHeader = {
    dim: number(0),
    hiddenDim: number(1),
    layers: number(2),
    heads: number(3),
    kvHeads: number(4),
    vocabularySize: Math.abs(number(5)),
    sequenceLength: number(6),
    sharedClassifier: variant.shared(number(5)),
    groupSize: variant.groupSize,
  }
  const { dim, heads, layers, kvHeads } = header
  const sizes = [dim, header.hiddenDim, layers, heads, kvHeads, header.vocabularySize, header.sequenceLength]
  const sensible = sizes.every((value) => value >= 1 && value <= MAX_DIMENSION) && layers <= MAX_LAYERS
  if (!sensible || dim % heads !== 0 || (dim / heads) % 2 !== 0 || kvHeads > heads) throw notLlama2c(file, size)
  const { groupSize } = header
  // export.py halves the group until it divides the width.
  if (groupSize !== null && (groupSize < 1 || dim % groupSize !== 0)) throw notLlama2c(file, size)
  if (variant.dataOffset + dataBytes(variant.version, header) !== size) throw notLlama2c(file, size)
  return { version: variant.version, header, dataOffset: variant.dataOffset }
}

/** Bytes behind the header; inexact only where they are more than any file has. */
function dataBytes(version: Version, header: Llama2cHeader): number {
  return LLAMA2C_LAYOUTS[version](header).reduce((total, part) => total + bytesOf(part), 0)
}

function notLlama2c(file: string, size: number) {
  return fail(
    'llama2c/not-llama2c',
    `${file} is no llama2.c checkpoint: its ${size} bytes are not what its header implies; it may be cut`,
    { file, size },
  )
}
