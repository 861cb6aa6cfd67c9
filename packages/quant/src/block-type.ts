// What a ggml block type is: how many numbers a block holds, and the arithmetic from and to float32.
// Not the arithmetic itself (`types/`), and not the list of types (`block-types.ts`).
import { GGML_TYPES, type GgmlType } from '@fs/core'
import { checkGroups, checkImportance, checkLengths, checkWeights, importanceRequired, scaleOverflow } from './block-checks.ts'

/** Whether encoding looks at importance weights: never, when they are given, or not without them. */
export type ImportanceUse = 'ignored' | 'optional' | 'required'

export type BlockType = {
  readonly type: GgmlType
  /** Numbers per block. */
  readonly blockSize: number
  /** Bytes per block. */
  readonly blockBytes: number
  readonly importance: ImportanceUse
  /** Byte offsets, within a block, of its half-precision numbers. */
  readonly halves: readonly number[]
  /** Whether a block also holds wider integers; their order in a big-endian file is defined by no tool of llama.cpp. */
  readonly hasWideIntegers: boolean
  /** Numbers that share a scale, and a minimum where the type has one. Absent for F32, F16 and BF16, as is `decompose`. */
  readonly groupSize?: number
  readonly hasMinimums: boolean
  /**
   * Takes whole blocks apart: number i decodes to fround(fround(scale * level) - minimum), with those of its group.
   * @param levels One per number, in order.
   * @param scales,minimums One per group. Minimums are written only by types that have them.
   * @throws FsError `quant/buffer-length` when a length does not fit.
   */
  decompose?(source: Uint8Array, levels: Int8Array, scales: Float32Array, minimums: Float32Array): void
  /**
   * Decodes whole blocks; exact, since every step is float32 arithmetic in ggml's order.
   * @throws FsError `quant/buffer-length` unless `source` is whole blocks and `destination` has room for exactly their numbers.
   */
  dequantize(source: Uint8Array, destination: Float32Array): void
  /**
   * Encodes whole blocks, byte for byte as `ggml_quantize_chunk` does. Absent where ggml has no encoder.
   * @param importance One weight per column. Its length is the row length, and `source` then holds whole rows.
   * @throws FsError `quant/buffer-length`, `quant/row-length`, `quant/importance-length`, `quant/importance-required`,
   * `quant/not-finite` for a NaN or infinite weight, `quant/overflow` for one that no block can hold. `details.index` counts from
   * the start of `source`.
   */
  quantize?(source: Float32Array, destination: Uint8Array, importance?: Float32Array): void
}

/** Encodes one block of `source` from `first` on to `destination` from byte `at` on. */
type EncodeBlock = (source: Float32Array, first: number, destination: Uint8Array, at: number) => void

/**
 * The same with weights: `importance[column]` belongs to `source[first]`; `rowMeanSquare` is the float32 mean of the squares of the row the
 * block is in, summed in order, which the 32-wide types add to each weight.
 */
type EncodeWeightedBlock = (
  source: Float32Array,
  first: number,
  destination: Uint8Array,
  at: number,
  importance: Float32Array,
  column: number,
  rowMeanSquare: number,
) => void

export type BlockArithmetic = {
  readonly type: GgmlType
  readonly halves: readonly number[]
  readonly hasWideIntegers?: true
  readonly groupSize: number
  readonly hasMinimums?: true
  /** Takes apart the block at byte `at`: levels from `firstLevel` on, scales (and minimums, in types that have them) from `firstGroup` on. */
  readonly readBlock: (
    source: Uint8Array,
    at: number,
    levels: Int8Array,
    firstLevel: number,
    scales: Float32Array,
    firstGroup: number,
    minimums: Float32Array,
  ) => void
  readonly quantizeBlock?: EncodeBlock
  readonly quantizeWeightedBlock?: EncodeWeightedBlock
  /** False when the block just encoded would decode to NaN or infinity. By default: one of its halves is not finite. */
  readonly isFinite?: (block: Uint8Array, at: number) => boolean
}

/** Makes a `BlockType` of what one block does: the loops over blocks and rows, and every check of lengths and values, are here once. */
export function defineBlockType(arithmetic: BlockArithmetic): BlockType {
  const { type, halves, groupSize, readBlock, quantizeBlock, quantizeWeightedBlock } = arithmetic
  const { blockSize, blockBytes } = GGML_TYPES[type]
  const hasMinimums = arithmetic.hasMinimums ?? false
  const isFiniteBlock = arithmetic.isFinite ?? ((block, at) => halves.every((offset) => (block[at + offset + 1]! & 0x7c) !== 0x7c))

  const groupsPerBlock = blockSize / groupSize
  const blockLevels = new Int8Array(blockSize)
  const blockScales = new Float32Array(groupsPerBlock)
  const blockMinimums = new Float32Array(groupsPerBlock)

  function decompose(source: Uint8Array, levels: Int8Array, scales: Float32Array, minimums: Float32Array): void {
    checkLengths(type, levels.length, source.length)
    checkGroups(type, levels.length / groupSize, scales, hasMinimums ? minimums : scales)
    for (let at = 0, block = 0; at < source.length; at += blockBytes, block++) {
      readBlock(source, at, levels, block * blockSize, scales, block * groupsPerBlock, minimums)
    }
  }

  function dequantize(source: Uint8Array, destination: Float32Array): void {
    checkLengths(type, destination.length, source.length)
    for (let at = 0, first = 0; at < source.length; at += blockBytes, first += blockSize) {
      readBlock(source, at, blockLevels, 0, blockScales, 0, blockMinimums)
      for (let group = 0; group < groupsPerBlock; group++) {
        const scale = blockScales[group]!
        const minimum = blockMinimums[group]!
        const end = (group + 1) * groupSize
        for (let i = group * groupSize; i < end; i++) destination[first + i] = Math.fround(scale * blockLevels[i]!) - minimum
      }
    }
  }

  function quantizeRow(source: Float32Array, start: number, end: number, destination: Uint8Array, importance?: Float32Array): void {
    const weighted = importance !== undefined && quantizeWeightedBlock !== undefined
    const rowMeanSquare = weighted ? meanSquare(source, start, end) : 0
    for (let first = start; first < end; first += blockSize) {
      const at = (first / blockSize) * blockBytes
      if (weighted) quantizeWeightedBlock(source, first, destination, at, importance, first - start, rowMeanSquare)
      else quantizeBlock?.(source, first, destination, at)
      if (!isFiniteBlock(destination, at)) throw scaleOverflow(type, source, first)
    }
  }

  function quantize(source: Float32Array, destination: Uint8Array, importance?: Float32Array): void {
    checkLengths(type, source.length, destination.length)
    checkWeights(type, source)
    if (importance === undefined) {
      if (quantizeBlock === undefined) throw importanceRequired(type)
      quantizeRow(source, 0, source.length, destination)
      return
    }
    checkImportance(type, source.length, importance)
    for (let start = 0; start < source.length; start += importance.length) {
      quantizeRow(source, start, start + importance.length, destination, importance)
    }
  }

  return {
    type,
    blockSize,
    blockBytes,
    importance: quantizeWeightedBlock === undefined ? 'ignored' : quantizeBlock === undefined ? 'required' : 'optional',
    halves,
    hasWideIntegers: arithmetic.hasWideIntegers ?? false,
    groupSize,
    hasMinimums,
    decompose,
    dequantize,
    ...(quantizeBlock === undefined && quantizeWeightedBlock === undefined ? {} : { quantize }),
  }
}

function meanSquare(source: Float32Array, start: number, end: number): number {
  let sum = 0
  for (let index = start; index < end; index++) {
    const value = source[index]!
    sum = Math.fround(sum + Math.fround(value * value))
  }
  return Math.fround(sum / (end - start))
}
