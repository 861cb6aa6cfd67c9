// The ggml tensor types: id in a file, elements per block, bytes per block. The arithmetic of each type lives in `@fs/quant`.
// Ids: `enum ggml_type` (ggml/include/ggml.h, llama.cpp v0.5.0); sizes are sums that mirror the structs of ggml-common.h.

const QK_K = 256

/** Every type that can occur in a current GGUF file. Removed ids (4, 5, 31-33, 36-38) are absent on purpose and refused by readers. */
export const GGML_TYPES = {
  F32: { id: 0, blockSize: 1, blockBytes: 4 },
  F16: { id: 1, blockSize: 1, blockBytes: 2 },
  Q4_0: { id: 2, blockSize: 32, blockBytes: 2 + 16 },
  Q4_1: { id: 3, blockSize: 32, blockBytes: 2 + 2 + 16 },
  Q5_0: { id: 6, blockSize: 32, blockBytes: 2 + 4 + 16 },
  Q5_1: { id: 7, blockSize: 32, blockBytes: 2 + 2 + 4 + 16 },
  Q8_0: { id: 8, blockSize: 32, blockBytes: 2 + 32 },
  Q8_1: { id: 9, blockSize: 32, blockBytes: 2 + 2 + 32 },
  Q2_K: { id: 10, blockSize: QK_K, blockBytes: QK_K / 16 + QK_K / 4 + 2 + 2 },
  Q3_K: { id: 11, blockSize: QK_K, blockBytes: QK_K / 8 + QK_K / 4 + 12 + 2 },
  Q4_K: { id: 12, blockSize: QK_K, blockBytes: 2 + 2 + 12 + QK_K / 2 },
  Q5_K: { id: 13, blockSize: QK_K, blockBytes: 2 + 2 + 12 + QK_K / 8 + QK_K / 2 },
  Q6_K: { id: 14, blockSize: QK_K, blockBytes: QK_K / 2 + QK_K / 4 + QK_K / 16 + 2 },
  Q8_K: { id: 15, blockSize: QK_K, blockBytes: 4 + QK_K + (QK_K / 16) * 2 },
  IQ2_XXS: { id: 16, blockSize: QK_K, blockBytes: 2 + (QK_K / 8) * 2 },
  IQ2_XS: { id: 17, blockSize: QK_K, blockBytes: 2 + (QK_K / 8) * 2 + QK_K / 32 },
  IQ3_XXS: { id: 18, blockSize: QK_K, blockBytes: 2 + (3 * QK_K) / 8 },
  IQ1_S: { id: 19, blockSize: QK_K, blockBytes: 2 + QK_K / 8 + (QK_K / 32) * 2 },
  IQ4_NL: { id: 20, blockSize: 32, blockBytes: 2 + 16 },
  IQ3_S: { id: 21, blockSize: QK_K, blockBytes: 2 + 13 * (QK_K / 32) + QK_K / 64 },
  IQ2_S: { id: 22, blockSize: QK_K, blockBytes: 2 + QK_K / 4 + QK_K / 16 },
  IQ4_XS: { id: 23, blockSize: QK_K, blockBytes: 2 + 2 + QK_K / 64 + QK_K / 2 },
  I8: { id: 24, blockSize: 1, blockBytes: 1 },
  I16: { id: 25, blockSize: 1, blockBytes: 2 },
  I32: { id: 26, blockSize: 1, blockBytes: 4 },
  I64: { id: 27, blockSize: 1, blockBytes: 8 },
  F64: { id: 28, blockSize: 1, blockBytes: 8 },
  IQ1_M: { id: 29, blockSize: QK_K, blockBytes: QK_K / 8 + QK_K / 16 + QK_K / 32 },
  BF16: { id: 30, blockSize: 1, blockBytes: 2 },
  TQ1_0: { id: 34, blockSize: QK_K, blockBytes: 2 + QK_K / 64 + (QK_K - (4 * QK_K) / 64) / 5 },
  TQ2_0: { id: 35, blockSize: QK_K, blockBytes: 2 + QK_K / 4 },
  MXFP4: { id: 39, blockSize: 32, blockBytes: 1 + 16 },
  NVFP4: { id: 40, blockSize: 64, blockBytes: 4 + 32 },
  Q1_0: { id: 41, blockSize: 128, blockBytes: 2 + 16 },
  Q2_0: { id: 42, blockSize: 64, blockBytes: 2 + 16 },
} as const satisfies { readonly [name: string]: GgmlTypeInfo }

export type GgmlTypeInfo = { readonly id: number; readonly blockSize: number; readonly blockBytes: number }
export type GgmlType = keyof typeof GGML_TYPES

const typesById: ReadonlyMap<number, GgmlType> = new Map((Object.keys(GGML_TYPES) as GgmlType[]).map((name) => [GGML_TYPES[name].id, name]))

/** The type with this id in a GGUF tensor record, or undefined for ids ggml never had or has removed. */
export function ggmlTypeById(id: number): GgmlType | undefined {
  return typesById.get(id)
}

/** Narrows a name (upper case, as ggml spells it) to a known type. */
export function isGgmlType(name: string): name is GgmlType {
  return Object.hasOwn(GGML_TYPES, name)
}

/**
 * Bytes one row of `elements` values takes in `type`.
 * @returns undefined when the row is not a whole number of blocks.
 */
export function ggmlRowBytes(type: GgmlType, elements: number): number | undefined {
  const { blockSize, blockBytes } = GGML_TYPES[type]
  return elements % blockSize === 0 ? (elements / blockSize) * blockBytes : undefined
}
