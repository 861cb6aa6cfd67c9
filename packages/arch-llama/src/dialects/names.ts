// The tensor names of Meta's release, which llama2.c and the ggml files of 2023 took over, and what they are called on the Hub.
// Facts: transformers convert_llama_weights_to_hf.py; llama.cpp gguf-py/gguf/tensor_mapping.py.
import { type DialectRow, dialectRow } from '@fs/arch/dialect'

/** Meta rotates neighbouring dimensions, so queries and keys have the rows of each rope pair side by side. */
export function metaRows(heads: number, keyValueHeads: number): readonly DialectRow[] {
  const layer = 'model.layers.{i}.'
  return [
    dialectRow('tok_embeddings.weight', 'model.embed_tokens.weight'),
    dialectRow('norm.weight', 'model.norm.weight'),
    dialectRow('output.weight', 'lm_head.weight'),
    dialectRow('layers.{i}.attention_norm.weight', `${layer}input_layernorm.weight`),
    dialectRow('layers.{i}.attention.wq.weight', `${layer}self_attn.q_proj.weight`, [{ kind: 'interleave-rope', heads }]),
    dialectRow('layers.{i}.attention.wk.weight', `${layer}self_attn.k_proj.weight`, [{ kind: 'interleave-rope', heads: keyValueHeads }]),
    dialectRow('layers.{i}.attention.wv.weight', `${layer}self_attn.v_proj.weight`),
    dialectRow('layers.{i}.attention.wo.weight', `${layer}self_attn.o_proj.weight`),
    dialectRow('layers.{i}.ffn_norm.weight', `${layer}post_attention_layernorm.weight`),
    dialectRow('layers.{i}.feed_forward.w1.weight', `${layer}mlp.gate_proj.weight`),
    dialectRow('layers.{i}.feed_forward.w2.weight', `${layer}mlp.down_proj.weight`),
    dialectRow('layers.{i}.feed_forward.w3.weight', `${layer}mlp.up_proj.weight`),
  ]
}

/** Rows of a layer's first gate matrix: the only place where Meta's checkpoints say how wide the feed-forward half is. */
export function feedForwardWidthOf(tensors: ReadonlyMap<string, readonly number[]>): number | undefined {
  return tensors.get('layers.0.feed_forward.w1.weight')?.[0]
}
