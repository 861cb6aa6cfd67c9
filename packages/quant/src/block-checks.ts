// What is checked before blocks are decoded or encoded, and the sentences when it does not hold. Checks of whole jobs are in the codecs.
import { type FsError, GGML_TYPES, type GgmlType } from '@fs/core'
import { quantError } from './errors.ts'
import { weightError } from './weight-errors.ts'

/** @throws FsError `quant/row-length` or `quant/buffer-length` unless `elements` numbers are whole blocks that fill exactly `bytes` bytes. */
export function checkLengths(type: GgmlType, elements: number, bytes: number): void {
  const { blockSize, blockBytes } = GGML_TYPES[type]
  if (elements % blockSize !== 0) {
    const message = `${elements} numbers are not a whole number of ${type} blocks of ${blockSize}; choose another type.`
    throw quantError('quant/row-length', message, { type, elements, blockSize })
  }
  const expected = (elements / blockSize) * blockBytes
  if (bytes !== expected) {
    const message = `${elements} numbers take ${expected} bytes as ${type}, but the buffer has ${bytes}; pass one of exactly that length.`
    throw quantError('quant/buffer-length', message, { type, elements, expected, actual: bytes })
  }
}

/** @throws FsError `quant/buffer-length` unless there is one scale and one minimum per group. */
export function checkGroups(type: GgmlType, groups: number, scales: Float32Array, minimums: Float32Array): void {
  if (scales.length === groups && minimums.length === groups) return
  const message = `These ${type} blocks have ${groups} groups, but the buffers hold ${scales.length} scales and ${minimums.length} minimums.`
  throw quantError('quant/buffer-length', message, { type, groups, scales: scales.length, minimums: minimums.length })
}

/**
 * Magnitudes from here on are refused. A block's scale is a half, so nothing above 3e8 can be stored; but from about 5e17 on squares and sums
 * become infinite in ggml's searches, which then find no scale at all and write a block of zeros without a word (llama.cpp v0.5.0: Q3_K, Q6_K,
 * IQ1_S, IQ1_M, IQ2_XXS, IQ4_XS). MXFP4's scale reaches as far as float32.
 */
export function weightLimit(type: GgmlType): number {
  return type === 'MXFP4' ? Number.POSITIVE_INFINITY : 2 ** 31
}

/** @throws FsError for the first weight that is NaN or infinite (`quant/not-finite`), or that no block can hold (`quant/overflow`). */
export function checkWeights(type: GgmlType, source: Float32Array): void {
  const limit = weightLimit(type)
  for (let index = 0; index < source.length; index++) {
    const value = source[index]!
    if (value - value !== 0) throw weightError('quant/not-finite', type, index, value)
    if (Math.abs(value) >= limit) throw weightError('quant/overflow', type, index, value)
  }
}

/** @throws FsError `quant/importance-length` unless the weights are one per column of whole rows of blocks, `quant/importance-value` for NaN or infinity. */
export function checkImportance(type: GgmlType, elements: number, importance: Float32Array): void {
  const { blockSize } = GGML_TYPES[type]
  const length = importance.length
  if (length === 0 || length % blockSize !== 0 || elements % length !== 0) {
    const message = `${length} importance weights do not fit ${elements} numbers of ${type}; pass one weight per column of whole rows.`
    throw quantError('quant/importance-length', message, { type, elements, length })
  }
  for (let column = 0; column < length; column++) {
    const value = importance[column]!
    if (value - value !== 0) {
      const message = `The importance weight of column ${column} is ${value}; collect the importance matrix again.`
      throw quantError('quant/importance-value', message, { type, column, value })
    }
  }
}

/** The error for a type that has no encoder without weights. */
export function importanceRequired(type: GgmlType): FsError {
  const message = `${type} cannot be encoded without importance weights; pass an importance matrix, or choose a type of 3 bits or more.`
  return quantError('quant/importance-required', message, { type })
}

/** The error for a block whose scale does not fit; it blames the block's largest weight, which the scale follows from. */
export function scaleOverflow(type: GgmlType, source: Float32Array, first: number): FsError {
  let index = first
  const end = first + GGML_TYPES[type].blockSize
  for (let other = first; other < end; other++) if (Math.abs(source[other]!) > Math.abs(source[index]!)) index = other
  return weightError('quant/overflow', type, index, source[index]!)
}
