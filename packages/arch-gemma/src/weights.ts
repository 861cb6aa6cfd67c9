// Weight rows Gemma's generations share. llama.cpp stores every norm weight plus one, so that it can use a plain RMS norm
// (conversion/gemma.py); the canonical form keeps what Hugging Face stores and says so in the description.
import type { Transform } from '@fs/arch/transforms'
import { type WeightName, weight } from '@fs/arch/weights'

const plusOne: readonly Transform[] = [{ kind: 'add', value: 1 }]

/** A norm whose stored weight is what is added to one. */
export function offsetNorm(canonical: string, huggingFace: string, gguf: string): WeightName {
  return weight(canonical, huggingFace, { names: gguf, store: plusOne })
}

/**
 * @param paddingRows rows of the embedding that belong to no token; llama.cpp's converter cuts them off for Gemma 3
 */
export function embedding(paddingRows: number): WeightName {
  const store: readonly Transform[] = paddingRows > 0 ? [{ kind: 'pad-rows', before: 0, after: paddingRows }] : []
  return weight('embedding.tokens', { names: 'model.embed_tokens', store }, 'token_embd')
}

export const outputNorm = (): WeightName => offsetNorm('output_norm', 'model.norm', 'output_norm')

/** The four norms around the halves of Gemma 2 and 3. */
export function sandwichNorms(): readonly WeightName[] {
  return [
    offsetNorm('layers.{i}.attention_norm', 'model.layers.{i}.input_layernorm', 'blk.{i}.attn_norm'),
    offsetNorm('layers.{i}.attention_post_norm', 'model.layers.{i}.post_attention_layernorm', 'blk.{i}.post_attention_norm'),
    offsetNorm('layers.{i}.feed_forward_norm', 'model.layers.{i}.pre_feedforward_layernorm', 'blk.{i}.ffn_norm'),
    offsetNorm('layers.{i}.feed_forward_post_norm', 'model.layers.{i}.post_feedforward_layernorm', 'blk.{i}.post_ffw_norm'),
  ]
}

/** Tied models saved by other tools repeat the embedding as a head; llama.cpp leaves it out for Gemma. */
export const ignoredHead: readonly RegExp[] = [/^lm_head\.weight$/]
