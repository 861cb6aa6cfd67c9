// The containers of before GGUF by their magic, and which generation of block layouts a file of each holds.
import type { GgmlType } from '@fs/core'
import { fail } from '../errors.ts'

/** `ggml` has no version, no scores, no alignment; `ggmf` added version and scores, `ggjt` alignment to 32 bytes (llama.cpp, March 2023). */
export const GGML_CONTAINERS = {
  ggml: { magic: 0x67676d6c, versions: 'none', scores: false, alignment: 1 },
  ggmf: { magic: 0x67676d66, versions: [1], scores: true, alignment: 1 },
  ggjt: { magic: 0x67676a74, versions: [1, 2, 3], scores: true, alignment: 32 },
} as const satisfies {
  readonly [id: string]: {
    readonly magic: number
    readonly versions: readonly number[] | 'none'
    readonly scores: boolean
    readonly alignment: number
  }
}

export type GgmlContainerId = keyof typeof GGML_CONTAINERS

/** Adapters made by the LoRA converter of that time. */
export const ADAPTER_MAGIC = 0x67676c61

/** Files of quantized types carry GGML_QNT_VERSION in their ftype, times this (ggml.h, GGML_QNT_VERSION_FACTOR). */
const QUANTIZATION_VERSION_FACTOR = 1000

/** The generation in which the layout of a type became what it is today; quantized types not listed are of the last. */
const SETTLED_IN: { readonly [Type in GgmlType]?: number } = { F32: 0, F16: 0, I8: 0, I16: 0, I32: 0, Q5_0: 1, Q5_1: 1 }
const LAST_GENERATION = 2

/**
 * Generation of a file's block layouts: 0 until May 2023 (nibbles interleaved), 1 since ggjt 2 (nibbles in halves, 32-bit scales of Q4 and Q8), 2
 * since ggjt 3 (16-bit scales; today's). llama.cpp commits b9fd7ee and 2d5db48; convert_llama_ggml_to_gguf.py draws the same lines.
 */
export function blockGeneration(container: GgmlContainerId, version: number, ftype: number): number {
  return container === 'ggjt' ? version - 1 : Math.floor(ftype / QUANTIZATION_VERSION_FACTOR)
}

/** @throws FsError ggml/old-blocks when `type` had another layout in `generation` */
export function checkGeneration(file: string, tensor: string, type: GgmlType, generation: number): void {
  if (generation >= (SETTLED_IN[type] ?? LAST_GENERATION)) return
  throw fail(
    'ggml/old-blocks',
    `${file}: tensor "${tensor}" is ${type} as it was before May 2023, which ggml itself can no longer read; convert the original model again`,
    { file, tensor, type, generation },
  )
}
