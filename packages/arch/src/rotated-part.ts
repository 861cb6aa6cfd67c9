// The share of each head that is rotated, as a configuration field, for families that rotate a part only (GPT-NeoX, Phi).
// How the rotated dimensions turn is in `rope.ts`.
import type { GgufView } from './checkpoint-view.ts'
import type { Field } from './fields.ts'
import { partialRotaryFactor } from './rope-hugging-face.ts'

/** The part of each head that is rotated, as dimensions and as the share config.json names. */
export type RotatedPart = { readonly dimensions: number; readonly share: number }

/**
 * For families that rotate a part of each head and whose config.json names its share.
 * @param huggingFace the key beside `rope_parameters`, as transformers 4 reads it
 * @param missing the share transformers assumes
 * @param dimensionsOf how llama.cpp's converter counts the dimensions
 */
export function rotatedPart(
  huggingFace: 'partial_rotary_factor' | 'rotary_pct',
  missing: number,
  dimensionsOf: (share: number, hiddenSize: number, heads: number) => number,
): Field<RotatedPart> {
  return {
    fromHuggingFace: (view) => {
      const share = partialRotaryFactor(view) ?? missing
      const [hiddenSize, heads] = [view.integer('hidden_size', 'n_embd') ?? 0, view.integer('num_attention_heads', 'n_head') ?? 1]
      return { dimensions: dimensionsOf(share, hiddenSize, heads), share }
    },
    toHuggingFace: ({ share }) => ({ [huggingFace]: share, rope_parameters: { partial_rotary_factor: share } }),
    floatKeys: [huggingFace, 'partial_rotary_factor'],
    fromGguf: (view) => {
      const dimensions = view.number('rope.dimension_count') ?? headDimensionOf(view)
      return { dimensions, share: dimensions / headDimensionOf(view) }
    },
    toGguf: ({ dimensions }) => [['rope.dimension_count', { type: 'UINT32', value: dimensions }]],
  }
}

const headDimensionOf = (view: GgufView): number =>
  Math.floor((view.number('embedding_length') ?? 0) / (view.number('attention.head_count') ?? 1))
