// Llama in the ggml, ggmf and ggjt files of 2023: Meta's names and layout, six integers for a configuration.
// What the files leave out is assumed as llama.cpp's convert_llama_ggml_to_gguf.py assumes it.
import type { Dialect } from '@fs/arch/dialect'
import { feedForwardWidthOf, metaRows } from './names.ts'

/** Between the 1e-6 of Llama 1 and the 1e-5 of Llama 2; the file does not tell them apart. */
const EPSILON = 5e-6
const CONTEXT_LENGTH = 2048

export const ggmlLlama: Dialect = {
  id: 'ggml-llama',
  title: 'Llama in a ggml file',
  read: (view) => {
    const dim = view.needInteger('n_embd')
    const heads = view.needInteger('n_head')
    const headDimension = dim / heads
    // Heads of keys have no place in the header; the rows of their matrix count them.
    const keyRows = view.tensors.get('layers.0.attention.wk.weight')?.[0] ?? dim
    const keyValueHeads = Math.round(keyRows / headDimension)
    const width = feedForwardWidthOf(view.tensors)
    const config = {
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      hidden_size: dim,
      num_hidden_layers: view.needInteger('n_layer'),
      num_attention_heads: heads,
      num_key_value_heads: keyValueHeads,
      rms_norm_eps: EPSILON,
      rope_theta: 10000,
      max_position_embeddings: CONTEXT_LENGTH,
      vocab_size: view.needInteger('n_vocab'),
      ...(width === undefined ? {} : { intermediate_size: width }),
    }
    const message = `the file says neither its norms' epsilon nor its context length; ${EPSILON} and ${CONTEXT_LENGTH} are assumed, as llama.cpp does`
    return { config, rows: metaRows(heads, keyValueHeads), notices: [{ code: 'ggml/assumed', message }] }
  },
}
