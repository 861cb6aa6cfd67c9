// What a recipe needs to know of a model: a handful of numbers, and its tensors by GGUF name.
// Where they come from (a GGUF file, a plan of one) is the caller's business.
import type { GgmlType } from '@fs/core'

export type RecipeTensor = {
  /** GGUF name, such as `blk.0.ffn_down.weight`. */
  readonly name: string
  /** Outermost dimension first, as everywhere in the toolkit. */
  readonly shape: readonly number[]
  /** The type the tensor has now, and keeps when it is not quantized. */
  readonly type: GgmlType
}

export type RecipeModel = {
  /** `general.architecture`. */
  readonly architecture: string
  /** `<architecture>.block_count`. */
  readonly layers: number
  /** Attention heads and key-value heads of the first layer. */
  readonly headCount: number
  readonly headCountKv: number
  /** `<architecture>.expert_count`, 0 for a dense model. */
  readonly expertCount: number
  /** In the order llama-quantize takes them: `compareTensorNames`, or the order of the files when splits are kept. */
  readonly tensors: readonly RecipeTensor[]
}

/**
 * The order in which llama-quantize takes tensors and writes them: what is outside layers first, then by layer, by name within each
 * (`weight_name_comparer`, llama-model-loader.h). Rules that count tensors depend on it.
 */
export function compareTensorNames(left: string, right: string): number {
  const byLayer = (layerOfTensor(left) ?? -1) - (layerOfTensor(right) ?? -1)
  if (byLayer !== 0) return byLayer
  return left < right ? -1 : left > right ? 1 : 0
}

/** The layer number in `blk.N.…`, or undefined. */
export function layerOfTensor(name: string): number | undefined {
  const match = /^blk\.(\d{1,9})\./.exec(name)
  return match === null ? undefined : Number(match[1])
}

/** Dimensions without leading ones, as ggml counts them. At least 1. */
export function dimensionCount(shape: readonly number[]): number {
  const leadingOnes = shape.findIndex((dimension) => dimension !== 1)
  return leadingOnes < 0 ? 1 : shape.length - leadingOnes
}

/** What part a tensor plays, as far as the rules care (`tensor_get_category`, llama-quant.cpp). */
export type TensorRole =
  | 'output'
  | 'tokenEmbedding'
  | 'attentionValue'
  | 'attentionKey'
  | 'attentionQuery'
  | 'attentionOutput'
  | 'feedForwardUp'
  | 'feedForwardGate'
  | 'feedForwardDown'
  | 'other'

/** First match wins. Fused query-key-value and the latent attention's second key-value projection count as value projections. */
const ROLES: readonly (readonly [part: string, role: TensorRole])[] = [
  ['attn_qkv.weight', 'attentionValue'],
  ['attn_kv_b.weight', 'attentionValue'],
  ['attn_v.weight', 'attentionValue'],
  ['attn_k.weight', 'attentionKey'],
  ['attn_q.weight', 'attentionQuery'],
  ['attn_output.weight', 'attentionOutput'],
  ['ffn_up', 'feedForwardUp'],
  ['ffn_gate', 'feedForwardGate'],
  ['ffn_down', 'feedForwardDown'],
]

export function roleOfTensor(name: string): TensorRole {
  if (name === 'output.weight') return 'output'
  if (name === 'token_embd.weight' || name === 'per_layer_token_embd.weight') return 'tokenEmbedding'
  return ROLES.find(([part]) => name.includes(part))?.[1] ?? 'other'
}
