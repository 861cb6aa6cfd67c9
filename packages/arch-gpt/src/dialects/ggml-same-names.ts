// GPT-NeoX, GPT-J and MPT in ggml files: names and layouts are Hugging Face's, so only the integers at the start have to be said otherwise.
// Facts: examples/gpt-neox, gpt-j and mpt of ggml (2023); the loaders of rustformers/llm.
import type { Dialect, DialectView } from '@fs/arch/dialect'

const rowsOf = (view: DialectView, tensor: string, otherwise: number): number => view.tensors.get(tensor)?.[0] ?? otherwise

/** The share of a head that is rotated, so that it counts the same dimensions when multiplied and rounded down again. */
function rotatedShare(dimensions: number, headDimension: number): number {
  const share = dimensions / headDimension
  return Math.floor(share * headDimension) === dimensions ? share : share * (1 + Number.EPSILON)
}

export const ggmlGptNeox: Dialect = {
  id: 'ggml-gptneox',
  title: 'GPT-NeoX in a ggml file',
  read: (view) => {
    const hidden = view.needInteger('n_embd')
    const heads = view.needInteger('n_head')
    const config = {
      architectures: ['GPTNeoXForCausalLM'],
      model_type: 'gpt_neox',
      hidden_size: hidden,
      intermediate_size: rowsOf(view, 'gpt_neox.layers.0.mlp.dense_h_to_4h.weight', 4 * hidden),
      num_attention_heads: heads,
      num_hidden_layers: view.needInteger('n_layer'),
      max_position_embeddings: view.needInteger('n_ctx'),
      rotary_pct: rotatedShare(view.needInteger('n_rot'), Math.floor(hidden / heads)),
      use_parallel_residual: view.needInteger('use_parallel_residual') !== 0,
      layer_norm_eps: 1e-5,
      vocab_size: view.needInteger('n_vocab'),
    }
    return { config, rows: [], notices: [] }
  },
}

export const ggmlGptJ: Dialect = {
  id: 'ggml-gptj',
  title: 'GPT-J in a ggml file',
  read: (view) => {
    const hidden = view.needInteger('n_embd')
    const config = {
      architectures: ['GPTJForCausalLM'],
      model_type: 'gptj',
      n_embd: hidden,
      n_inner: rowsOf(view, 'transformer.h.0.mlp.fc_in.weight', 4 * hidden),
      n_head: view.needInteger('n_head'),
      n_layer: view.needInteger('n_layer'),
      n_positions: view.needInteger('n_ctx'),
      rotary_dim: view.needInteger('n_rot'),
      layer_norm_epsilon: 1e-5,
      vocab_size: view.needInteger('n_vocab'),
    }
    return { config, rows: [], notices: [] }
  },
}

export const ggmlMpt: Dialect = {
  id: 'ggml-mpt',
  title: 'MPT in a ggml file',
  read: (view) => {
    const hidden = view.needInteger('d_model')
    const clip = view.needNumber('clip_qkv')
    const config = {
      architectures: ['MPTForCausalLM'],
      model_type: 'mpt',
      d_model: hidden,
      ffn_hidden_size: rowsOf(view, 'transformer.blocks.0.ffn.up_proj.weight', 4 * hidden),
      n_heads: view.needInteger('n_head'),
      n_layers: view.needInteger('n_layer'),
      max_seq_len: view.needInteger('max_seq_len'),
      // No clipping is written as 0.
      attn_config: { alibi: true, alibi_bias_max: view.needNumber('alibi_bias_max'), clip_qkv: clip === 0 ? null : clip },
      vocab_size: view.needInteger('n_vocab'),
    }
    return { config, rows: [], notices: [] }
  },
}
