// The header of a llama2.c checkpoint. Version 0 has no magic, so a file is held against the size its header implies, to the byte.
import { fail } from '../errors.ts'
import { LLAMA2C_LAYOUTS, type Llama2cHeader } from './layouts.ts'

/** `ak42`, as a little-endian number. */
const MAGIC = 0x616b3432
/** Version 1 pads its header to this. */
const PADDED_HEADER = 256
/** Seven integers. */
const BARE_HEADER = 28
/** Bytes needed to parse any header. */
export const HEADER_BYTES = 64
/** No model of this kind is larger in any dimension, and products of these are exact. */
const MAX_DIMENSION = 2 ** 22
const MAX_LAYERS = 1024

export type Llama2cStart = { readonly version: 0 | 1; readonly header: Llama2cHeader; readonly dataOffset: number }

/**
 * Parses the header of a file of `size` bytes.
 * @throws FsError llama2c/not-llama2c, llama2c/version
 */
export function parseHeader(head: Uint8Array, size: number, file: string): Llama2cStart {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  if (head.length >= 8 && view.getUint32(0, true) === MAGIC) {
    const version = view.getInt32(4, true)
    if (version !== 1) {
      const why = version === 2 ? 'quantized; export it again as version 1' : 'unknown'
      throw fail('llama2c/version', `${file} is a llama2.c checkpoint of version ${version}, which is ${why}`, { file, version })
    }
    return parse(view, 8, { version, dataOffset: PADDED_HEADER, shared: () => view.getUint8(8 + BARE_HEADER) !== 0 }, size, file)
  }
  // A negative vocabulary size says that there is an output matrix of its own (run.c).
  return parse(view, 0, { version: 0, dataOffset: BARE_HEADER, shared: (vocabulary) => vocabulary > 0 }, size, file)
}

type Variant = { readonly version: 0 | 1; readonly dataOffset: number; readonly shared: (vocabulary: number) => boolean }

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
  }
  const { dim, heads, layers, kvHeads } = header
  const sizes = [dim, header.hiddenDim, layers, heads, kvHeads, header.vocabularySize, header.sequenceLength]
  const sensible = sizes.every((value) => value >= 1 && value <= MAX_DIMENSION) && layers <= MAX_LAYERS
  if (!sensible || dim % heads !== 0 || (dim / heads) % 2 !== 0 || kvHeads > heads) throw notLlama2c(file, size)
  if (variant.dataOffset + 4 * elements(variant.version, header) !== size) throw notLlama2c(file, size)
  return { version: variant.version, header, dataOffset: variant.dataOffset }
}

/** Numbers behind the header; inexact only where it is larger than any file. */
function elements(version: 0 | 1, header: Llama2cHeader): number {
  return LLAMA2C_LAYOUTS[version](header).reduce((total, { shape }) => total + shape.reduce((product, size) => product * size, 1), 0)
}

function notLlama2c(file: string, size: number) {
  return fail(
    'llama2c/not-llama2c',
    `${file} is no llama2.c checkpoint: its ${size} bytes are not what its header implies; it may be cut`,
    { file, size },
  )
}
