// Rows of weights as the bytes of their buffer: floats, or levels and their scales.
import { FsError } from '@fs/core'
import { floatToHalf } from '@fs/quant/floats'
import { quantizeBlocksInt4 } from '@fs/quant/litert'
import { litertlmError } from '../errors.ts'
import type { WeightEncoding } from '../graph/tflite-plan.ts'

export type EncodedRows = {
  /** Valid until the next rows are encoded. */
  readonly data: Uint8Array
  /** Little-endian; float32 of int8, float16 of int4. */
  readonly scales: Uint8Array | null
}

/** `quantizeRowsInt8` of `@fs/quant/litert`, or what gives the same sooner. */
export type RowsInt8 = (values: Float32Array, rowLength: number) => { readonly data: Int8Array; readonly scales: Float32Array }

/**
 * @param values whole rows
 * @param origin where they are from, for messages
 * @throws FsError `litertlm/weight` for numbers the encoding cannot hold
 */
export function encodeRows(
  encoding: WeightEncoding,
  values: Float32Array,
  rowLength: number,
  rowsInt8: RowsInt8,
  origin: { readonly tensor: string; readonly firstRow: number },
): EncodedRows {
  switch (encoding.kind) {
    case 'float32':
      return { data: bytesOf(values), scales: null }
    case 'float16':
      return { data: bytesOf(finiteHalves(values, rowLength, origin)), scales: null }
    case 'int8': {
      const { data, scales } = named(origin, () => rowsInt8(values, rowLength))
      return { data: bytesOf(data), scales: bytesOf(scales) }
    }
    case 'int4-blocks': {
      const { data, scales } = named(origin, () => quantizeBlocksInt4(values, rowLength, encoding.blockSize))
      replaceZeroScales(data, scales, encoding.blockSize)
      return { data: bytesOf(data), scales: bytesOf(halves(scales)) }
    }
    default:
      return encoding satisfies never
  }
}

/**
 * Blocks of zeros, such as a padding token's row has, get scales of zero, which XNNPACK refuses: the whole operator then falls to a kernel that knows no
 * blocks and answers at random (seen with LiteRT 2.5.3). Zero levels times the smallest half are zero just as well.
 */
function replaceZeroScales(levels: Int8Array, scales: Float32Array, blockSize: number): void {
  const bytes = blockSize / 2
  for (let block = 0; block < scales.length; block++) {
    if (scales[block] !== 0) continue
    scales[block] = 2 ** -24
    levels.fill(0, block * bytes, (block + 1) * bytes)
  }
}

function finiteHalves(values: Float32Array, rowLength: number, { tensor, firstRow }: { tensor: string; firstRow: number }): Uint16Array {
  const result = halves(values)
  const wrong = result.findIndex((half) => (half & 0x7c00) === 0x7c00)
  if (wrong < 0) return result
  const row = firstRow + Math.floor(wrong / rowLength)
  const message = `${tensor} has the number ${values[wrong]} in row ${row}, which is no half-precision number; choose dynamic_int8 or none`
  throw litertlmError('litertlm/weight', message, { tensor, row, value: values[wrong]! })
}

/** The quantizer counts rows from the band's first, and knows no names. */
function named<Result>({ tensor, firstRow }: { tensor: string; firstRow: number }, quantize: () => Result): Result {
  try {
    return quantize()
  } catch (cause) {
    if (!FsError.is(cause)) throw cause
    const message = `${tensor} cannot be quantized: ${cause.message} (counted from row ${firstRow})`
    throw litertlmError('litertlm/weight', message, { tensor, firstRow }, cause)
  }
}

function halves(values: Float32Array): Uint16Array {
  const result = new Uint16Array(values.length)
  for (let index = 0; index < values.length; index++) result[index] = floatToHalf(values[index]!)
  return result
}

/** Every machine that runs JavaScript engines today is little-endian. */
function bytesOf(view: Float32Array | Uint16Array | Int8Array): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}
