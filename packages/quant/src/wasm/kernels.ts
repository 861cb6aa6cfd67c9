// Which kernels the WebAssembly module has, type by type. A type that is missing here, or lacks one of the three, is done by its
// plain version in `types/`: a kernel is only ever an override of the specification.
import type { GgmlType } from '@fs/core'

/** Source address, destination address, number of blocks. */
type BlockKernel = (source: number, destination: number, blocks: number) => void
/** The same for the blocks of one row, with the address of one float32 of importance per column. */
type WeightedKernel = (source: number, destination: number, blocks: number, importance: number) => void

type KernelNames = {
  readonly encode?: `encode${string}`
  readonly encodeWeighted?: `encodeWeighted${string}`
  readonly decode?: `decode${string}`
}

/**
 * A type with `encode` and no `encodeWeighted` pays no attention to importance weights, one with `encodeWeighted` alone demands them. Names are those of
 * `assembly/index.ts`.
 */
export const KERNELS = {
  F16: { encode: 'encodeF16', decode: 'decodeF16' },
  BF16: { encode: 'encodeBF16', decode: 'decodeBF16' },
  Q4_0: { encode: 'encodeQ4_0', encodeWeighted: 'encodeWeightedQ4_0', decode: 'decodeQ4_0' },
  Q4_1: { encode: 'encodeQ4_1', encodeWeighted: 'encodeWeightedQ4_1', decode: 'decodeQ4_1' },
  Q5_0: { encode: 'encodeQ5_0', encodeWeighted: 'encodeWeightedQ5_0', decode: 'decodeQ5_0' },
  Q5_1: { encode: 'encodeQ5_1', encodeWeighted: 'encodeWeightedQ5_1', decode: 'decodeQ5_1' },
  Q8_0: { encode: 'encodeQ8_0', decode: 'decodeQ8_0' },
  Q8_1: { decode: 'decodeQ8_1' },
  Q2_K: { encode: 'encodeQ2_K', encodeWeighted: 'encodeWeightedQ2_K', decode: 'decodeQ2_K' },
  Q3_K: { encode: 'encodeQ3_K', encodeWeighted: 'encodeWeightedQ3_K', decode: 'decodeQ3_K' },
  Q4_K: { encode: 'encodeQ4_K', encodeWeighted: 'encodeWeightedQ4_K', decode: 'decodeQ4_K' },
  Q5_K: { encode: 'encodeQ5_K', encodeWeighted: 'encodeWeightedQ5_K', decode: 'decodeQ5_K' },
  Q6_K: { encode: 'encodeQ6_K', encodeWeighted: 'encodeWeightedQ6_K', decode: 'decodeQ6_K' },
  Q8_K: { decode: 'decodeQ8_K' },
  IQ1_S: { encodeWeighted: 'encodeWeightedIQ1_S', decode: 'decodeIQ1_S' },
  IQ1_M: { encode: 'encodeIQ1_M', encodeWeighted: 'encodeWeightedIQ1_M', decode: 'decodeIQ1_M' },
  IQ2_XXS: { encodeWeighted: 'encodeWeightedIQ2_XXS', decode: 'decodeIQ2_XXS' },
  IQ2_XS: { encodeWeighted: 'encodeWeightedIQ2_XS', decode: 'decodeIQ2_XS' },
  IQ2_S: { encode: 'encodeIQ2_S', encodeWeighted: 'encodeWeightedIQ2_S', decode: 'decodeIQ2_S' },
  IQ3_XXS: { encode: 'encodeIQ3_XXS', encodeWeighted: 'encodeWeightedIQ3_XXS', decode: 'decodeIQ3_XXS' },
  IQ3_S: { encode: 'encodeIQ3_S', encodeWeighted: 'encodeWeightedIQ3_S', decode: 'decodeIQ3_S' },
  IQ4_NL: { encode: 'encodeIQ4_NL', encodeWeighted: 'encodeWeightedIQ4_NL', decode: 'decodeIQ4_NL' },
  IQ4_XS: { encode: 'encodeIQ4_XS', encodeWeighted: 'encodeWeightedIQ4_XS', decode: 'decodeIQ4_XS' },
  TQ1_0: { encode: 'encodeTQ1_0', decode: 'decodeTQ1_0' },
  TQ2_0: { encode: 'encodeTQ2_0', decode: 'decodeTQ2_0' },
  MXFP4: { encode: 'encodeMXFP4', decode: 'decodeMXFP4' },
  NVFP4: { encode: 'encodeNVFP4', decode: 'decodeNVFP4' },
  Q1_0: { encode: 'encodeQ1_0', decode: 'decodeQ1_0' },
  Q2_0: { encode: 'encodeQ2_0', decode: 'decodeQ2_0' },
} as const satisfies { readonly [Type in GgmlType]?: KernelNames }

export type KernelType = keyof typeof KERNELS

type Entries = (typeof KERNELS)[KernelType]
type NamesOf<Use extends keyof KernelNames> = Entries extends infer Entry
  ? Entry extends { readonly [U in Use]: infer Name extends string }
    ? Name
    : never
  : never

/** What an instance of the module offers. */
export type KernelExports = {
  readonly memory: WebAssembly.Memory
  /** First address that is not the kernels' own. */
  heapBase(): number
  /** 1 when every float32 of `count` is finite, else 0. */
  allFinite(source: number, count: number): number
  /** 1 when the magnitude of every float32 of `count` is below `limit`, and none is NaN, else 0. */
  allBelow(source: number, count: number, limit: number): number
  /** 1 when a scale (or a half or bfloat16) stored since the last call was NaN or infinite, else 0. */
  takeOverflow(): number
  /** Where the levels of a codebook go, and what to call when they are there (`books.ts`). */
  bookLevels(book: number): number
  openBook(book: number): void
  /** Rows for LiteRT (`rows-int8.ts`). */
  encodeRowsInt8(source: number, levels: number, scales: number, rows: number, rowLength: number): void
} & { readonly [Name in NamesOf<'encode'> | NamesOf<'decode'>]: BlockKernel } & {
  readonly [Name in NamesOf<'encodeWeighted'>]: WeightedKernel
}

/** The names of a type's kernels; empty for a type without any. */
export function kernelNames(type: string): {
  readonly encode?: NamesOf<'encode'>
  readonly encodeWeighted?: NamesOf<'encodeWeighted'>
  readonly decode?: NamesOf<'decode'>
} {
  return Object.hasOwn(KERNELS, type) ? KERNELS[type as KernelType] : {}
}
