// Weight rows of Llama-shaped decoders, as transformers and llama.cpp name them (gguf-py/gguf/tensor_mapping.py).
// A family takes the groups it shares and writes the rest in its own folder.
import type { Transform } from './transforms.ts'
import { type WeightName, weight } from './weights.ts'

/** Token embedding, final norm and head. The head's row counts only for models that have one of their own. */
export function embeddingAndHead(): readonly WeightName[] {
  return [
    weight('embedding.tokens', 'model.embed_tokens', 'token_embd'),
    weight('output_norm', 'model.norm', 'output_norm'),
    weight('output', 'lm_head', 'output'),
  ]
}

/** Query, key, value and output projections with their biases; rope stays half-split, as most of llama.cpp's architectures want it. */
export function attention(): readonly WeightName[] {
  return attentionRows([], [])
}

/** The same for llama.cpp's `llama`, which wants the two rows of each rope pair side by side (conversion/llama.py, permute). */
export function interleavedAttention(heads: number, keyValueHeads: number): readonly WeightName[] {
  return attentionRows([{ kind: 'interleave-rope', heads }], [{ kind: 'interleave-rope', heads: keyValueHeads }])
}

function attentionRows(query: readonly Transform[], key: readonly Transform[]): readonly WeightName[] {
  return [
    weight('layers.{i}.attention.query', 'model.layers.{i}.self_attn.q_proj', { names: 'blk.{i}.attn_q', store: query }),
    weight('layers.{i}.attention.key', 'model.layers.{i}.self_attn.k_proj', { names: 'blk.{i}.attn_k', store: key }),
    weight('layers.{i}.attention.value', 'model.layers.{i}.self_attn.v_proj', 'blk.{i}.attn_v'),
    weight('layers.{i}.attention.output', 'model.layers.{i}.self_attn.o_proj', 'blk.{i}.attn_output'),
  ]
}

/** The two norms of a pre-norm layer. */
export function preNorms(): readonly WeightName[] {
  return [
    weight('layers.{i}.attention_norm', 'model.layers.{i}.input_layernorm', 'blk.{i}.attn_norm'),
    weight('layers.{i}.feed_forward_norm', 'model.layers.{i}.post_attention_layernorm', 'blk.{i}.ffn_norm'),
  ]
}

/** Norms of queries and keys. */
export function queryKeyNorms(): readonly WeightName[] {
  return [
    weight('layers.{i}.attention.query_norm', 'model.layers.{i}.self_attn.q_norm', 'blk.{i}.attn_q_norm'),
    weight('layers.{i}.attention.key_norm', 'model.layers.{i}.self_attn.k_norm', 'blk.{i}.attn_k_norm'),
  ]
}

export function gatedFeedForward(): readonly WeightName[] {
  return [
    weight('layers.{i}.feed_forward.gate', 'model.layers.{i}.mlp.gate_proj', 'blk.{i}.ffn_gate'),
    weight('layers.{i}.feed_forward.up', 'model.layers.{i}.mlp.up_proj', 'blk.{i}.ffn_up'),
    weight('layers.{i}.feed_forward.down', 'model.layers.{i}.mlp.down_proj', 'blk.{i}.ffn_down'),
  ]
}
