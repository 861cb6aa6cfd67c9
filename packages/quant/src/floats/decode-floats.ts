// Plain numbers of a checkpoint (safetensors and PyTorch dtypes) to float32.
// ggml's block types are in `types/`; F16 and BF16 are both, and share one implementation.
import { DTYPES, type Dtype } from '@fs/core'
import { quantError } from '../errors.ts'
import { bf16 } from '../types/bf16.ts'
import { f16 } from '../types/f16.ts'
import { f32 } from '../types/f32.ts'
import { float8e4m3ToFloat, float8e5m2ToFloat } from './float8.ts'

/**
 * Decodes little-endian numbers of `type` to float32. Exact, except F64 and integers beyond 24 bits, which are rounded to the nearest float32.
 * @throws FsError `quant/buffer-length` unless `source` holds exactly `destination.length` numbers.
 */
export function decodeFloats(type: Dtype, source: Uint8Array, destination: Float32Array): void {
  const { bytes } = DTYPES[type]
  if (source.length !== destination.length * bytes) {
    const message = `${destination.length} numbers take ${destination.length * bytes} bytes as ${type}, but the buffer has ${source.length}.`
    throw quantError('quant/buffer-length', message, { type, elements: destination.length, actual: source.length })
  }
  switch (type) {
    case 'F32':
      f32.dequantize(source, destination)
      break
    case 'F16':
      f16.dequantize(source, destination)
      break
    case 'BF16':
      bf16.dequantize(source, destination)
      break
    case 'U8':
    case 'BOOL':
      destination.set(source)
      break
    case 'I8':
      destination.set(new Int8Array(source.buffer, source.byteOffset, source.length))
      break
    case 'F8_E4M3':
      decodeBytes(source, destination, float8e4m3ToFloat)
      break
    case 'F8_E5M2':
      decodeBytes(source, destination, float8e5m2ToFloat)
      break
    default:
      decodeWide(type, source, destination)
  }
}

function decodeBytes(source: Uint8Array, destination: Float32Array, decode: (bits: number) => number): void {
  const table = Float32Array.from({ length: 256 }, (_, bits) => decode(bits))
  for (let index = 0; index < source.length; index++) destination[index] = table[source[index]!]!
}

type WideDtype = 'I16' | 'U16' | 'I32' | 'U32' | 'I64' | 'U64' | 'F64'

function decodeWide(type: WideDtype, source: Uint8Array, destination: Float32Array): void {
  const view = new DataView(source.buffer, source.byteOffset, source.length)
  for (let index = 0; index < destination.length; index++) destination[index] = readWide(type, view, index)
}

function readWide(type: WideDtype, view: DataView, index: number): number {
  switch (type) {
    case 'I16':
      return view.getInt16(2 * index, true)
    case 'U16':
      return view.getUint16(2 * index, true)
    case 'I32':
      return view.getInt32(4 * index, true)
    case 'U32':
      return view.getUint32(4 * index, true)
    case 'I64':
      return integerToFloat(view.getBigInt64(8 * index, true))
    case 'U64':
      return integerToFloat(view.getBigUint64(8 * index, true))
    case 'F64':
      return view.getFloat64(8 * index, true)
    default:
      return type satisfies never
  }
}

/**
 * Nearest float32 of a 64-bit integer. Going through a double would round twice, so beyond 2^53 the low bits, which only matter
 * by being zero or not, are folded into one bit first.
 */
function integerToFloat(integer: bigint): number {
  const magnitude = integer < 0n ? -integer : integer
  if (magnitude < 1n << 53n) return Number(integer)
  const folded = (magnitude >> 12n) | ((magnitude & 0xfffn) === 0n ? 0n : 1n)
  const value = Number(folded) * 4096
  return integer < 0n ? -value : value
}
