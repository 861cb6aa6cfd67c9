// BLOOM in a ggml file: Llama's words for its tensors, and query, key and value below one another instead of head by head.
// Facts: llm-rs bloom.py; crates/models/bloom of rustformers/llm.
import { type Dialect, dialectRow } from '@fs/arch/dialect'
import type { Transform } from '@fs/arch/transforms'

const NAMES: readonly (readonly [stored: string, huggingFace: string])[] = [
  ['norm', 'word_embeddings_layernorm'],
  ['output_norm', 'ln_f'],
  ['layers.{i}.attention_norm', 'h.{i}.input_layernorm'],
  ['layers.{i}.attention.wo', 'h.{i}.self_attention.dense'],
  ['layers.{i}.ffn_norm', 'h.{i}.post_attention_layernorm'],
  ['layers.{i}.feed_forward.w1', 'h.{i}.mlp.dense_h_to_4h'],
  ['layers.{i}.feed_forward.w2', 'h.{i}.mlp.dense_4h_to_h'],
]

export const ggmlBloom: Dialect = {
  id: 'ggml-bloom',
  title: 'BLOOM in a ggml file',
  read: (view) => {
    const hidden = view.needInteger('n_embd')
    const heads = view.needInteger('n_head')
    const config = {
      architectures: ['BloomForCausalLM'],
      model_type: 'bloom',
      hidden_size: hidden,
      n_head: heads,
      n_layer: view.needInteger('n_layer'),
      vocab_size: view.needInteger('n_vocab'),
      layer_norm_epsilon: 1e-5,
    }
    const joined: readonly Transform[] = [
      { kind: 'split-heads', heads, parts: 3 },
      { kind: 'join', rows: [hidden, hidden, hidden] },
    ]
    const suffixed = ['weight', 'bias'].flatMap((suffix) => [
      ...NAMES.map(([stored, huggingFace]) => dialectRow(`${stored}.${suffix}`, `${huggingFace}.${suffix}`)),
      dialectRow(`layers.{i}.attention.query_key_value.${suffix}`, `h.{i}.self_attention.query_key_value.${suffix}`, joined),
    ])
    const rows = [dialectRow('tok_embeddings.weight', 'word_embeddings.weight'), dialectRow('output.weight', 'lm_head.weight'), ...suffixed]
    return { config, rows, notices: [] }
  },
}
