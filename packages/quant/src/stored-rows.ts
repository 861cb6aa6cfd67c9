// Rows of numbers as a file stores them, whatever their type: sizes, byte order, decoding.
// Shared by the codecs; encoding is the block types' business.
import { DTYPES, GGML_TYPES, isDtype, isGgmlType, type TensorType } from '@fs/core'
import { BLOCK_TYPES, isBlockType } from './block-types.ts'
import { quantError } from './errors.ts'
import { decodeFloats } from './floats/decode-floats.ts'

/** Numbers per block and bytes per block of any tensor type; a plain dtype is a block of one. */
export function storedBlock(type: TensorType): { readonly blockSize: number; readonly blockBytes: number } {
  if (isGgmlType(type)) return GGML_TYPES[type]
  return { blockSize: 1, blockBytes: DTYPES[type].bytes }
}

/** Bytes that `elements` numbers take. @throws FsError `quant/row-length` when they are not whole blocks. */
export function storedBytes(type: TensorType, elements: number): number {
  const { blockSize, blockBytes } = storedBlock(type)
  if (elements % blockSize !== 0) {
    const message = `A row of ${elements} numbers is not a whole number of ${type} blocks of ${blockSize}; choose another type for this tensor.`
    throw quantError('quant/row-length', message, { type, elements, blockSize })
  }
  return (elements / blockSize) * blockBytes
}

/**
 * Decodes whole little-endian blocks of any type to float32.
 * @throws FsError `quant/buffer-length` when the lengths differ.
 */
export function decodeStored(type: TensorType, source: Uint8Array, destination: Float32Array): void {
  if (isDtype(type)) decodeFloats(type, source, destination)
  else BLOCK_TYPES[type].dequantize(source, destination)
}

/**
 * Reverses, in place, the bytes of every multi-byte number of a big-endian tensor.
 * @throws FsError `quant/byte-order` for block types whose wider integers have no agreed big-endian form (`gguf_convert_endian.py` of
 * llama.cpp refuses them too).
 */
export function swapToLittleEndian(type: TensorType, bytes: Uint8Array): void {
  const { blockBytes } = storedBlock(type)
  if (type === 'F32' || !isBlockType(type)) {
    swapEach(bytes, blockBytes, 0, blockBytes)
    return
  }
  const { halves, hasWideIntegers } = BLOCK_TYPES[type]
  if (hasWideIntegers) {
    const message = `${type} has no agreed big-endian form; convert the file to little-endian with the tool that wrote it.`
    throw quantError('quant/byte-order', message, { type })
  }
  for (const offset of halves) swapEach(bytes, blockBytes, offset, 2)
}

/** Reverses the `width` bytes at `offset` of each block. */
function swapEach(bytes: Uint8Array, blockBytes: number, offset: number, width: number): void {
  for (let start = offset; start + width <= bytes.length; start += blockBytes) {
    for (let low = start, high = start + width - 1; low < high; low++, high--) {
      const kept = bytes[low]!
      bytes[low] = bytes[high]!
      bytes[high] = kept
    }
  }
}
