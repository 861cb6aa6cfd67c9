// Meta's own release of Llama (`consolidated.00.pth`, `params.json`) and Mistral's first, which followed it, said in Hugging Face's words.
// Facts: llama_models/llama3/args.py of meta-llama/llama-models; transformers convert_llama_weights_to_hf.py; convert.py of llama.cpp (2023).

import type { Notice } from '@fs/arch'
import type { Dialect, DialectReading, DialectView } from '@fs/arch/dialect'
import { feedForwardWidthOf, metaRows } from './names.ts'

/** Llama 3.1 and its scaling: what every published model with `use_scaled_rope` has, but for the factor. */
const SCALED = { rope_type: 'llama3', low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 } as const

/** The models of Llama 3.2 (1B: 2048, 3B: 3072) stretch by 32, those of 3.1 and 3.3 (4096 and wider) by 8; params.json does not say it. */
function scalingFactor(dim: number): number {
  return dim < 4096 ? 32 : 8
}

/** Not stated anywhere: Code Llama has a base of 1e6, Llama 3 of 5e5, and Llama 2 differs from 1 in its epsilon (llama.cpp's convert.py). */
function contextLength(base: number, epsilon: number, scaled: boolean): number {
  if (scaled) return 131072
  if (base === 1e6) return 16384
  if (base === 5e5) return 8192
  return epsilon === 1e-5 ? 4096 : 2048
}

function ropeScaling(view: DialectView, dim: number): { readonly config: DialectReading['config']; readonly notices: readonly Notice[] } {
  if (view.boolean('use_scaled_rope') !== true) return { config: {}, notices: [] }
  const stated = view.number('rope_scaling_factor')
  const factor = stated ?? scalingFactor(dim)
  const message = `params.json says that rope is scaled, not by how much; ${factor} is assumed, as in ${dim < 4096 ? 'Llama 3.2 1B and 3B' : 'Llama 3.1'}`
  return {
    config: { rope_scaling: { ...SCALED, factor } },
    notices: stated === undefined ? [{ code: 'meta/rope-factor', message }] : [],
  }
}

export const meta: Dialect = {
  id: 'meta',
  title: 'Meta checkpoint',
  read: (view) => {
    const dim = view.needInteger('dim')
    const heads = view.needInteger('n_heads')
    const keyValueHeads = view.integer('n_kv_heads') ?? heads
    const base = view.number('rope_theta') ?? 10000
    const epsilon = view.number('norm_eps') ?? 1e-5
    const window = view.integer('sliding_window')
    const scaling = ropeScaling(view, dim)
    const width = feedForwardWidthOf(view.tensors) ?? view.integer('hidden_dim')
    const headDimension = view.integer('head_dim')
    const vocabulary = view.integer('vocab_size') ?? -1
    const config = {
      architectures: [window === undefined ? 'LlamaForCausalLM' : 'MistralForCausalLM'],
      model_type: window === undefined ? 'llama' : 'mistral',
      hidden_size: dim,
      num_hidden_layers: view.needInteger('n_layers'),
      num_attention_heads: heads,
      num_key_value_heads: keyValueHeads,
      rms_norm_eps: epsilon,
      rope_theta: base,
      max_position_embeddings: view.integer('max_seq_len') ?? contextLength(base, epsilon, view.boolean('use_scaled_rope') === true),
      ...(width === undefined ? {} : { intermediate_size: width }),
      ...(headDimension === undefined ? {} : { head_dim: headDimension }),
      // -1 stands for "as the tokenizer says" in Llama 1 and 2; the embedding's rows are the same.
      ...(vocabulary > 0 ? { vocab_size: vocabulary } : {}),
      ...(window === undefined ? {} : { sliding_window: window, max_position_embeddings: 32768 }),
      ...scaling.config,
    }
    return { config, rows: metaRows(heads, keyValueHeads), notices: scaling.notices }
  },
}
