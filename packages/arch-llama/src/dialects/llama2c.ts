// Checkpoints of llama2.c: Meta's names and layout, a header of seven integers for a configuration.
// What the header leaves out is constant in run.c: epsilon 1e-5 and a rope base of 10000.
import type { Dialect } from '@fs/arch/dialect'
import { metaRows } from './names.ts'

export const llama2c: Dialect = {
  id: 'llama2c',
  title: 'llama2.c checkpoint',
  read: (view) => {
    const heads = view.needInteger('n_heads')
    const keyValueHeads = view.needInteger('n_kv_heads')
    const config = {
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      hidden_size: view.needInteger('dim'),
      intermediate_size: view.needInteger('hidden_dim'),
      num_hidden_layers: view.needInteger('n_layers'),
      num_attention_heads: heads,
      num_key_value_heads: keyValueHeads,
      rms_norm_eps: 1e-5,
      rope_theta: 10000,
      max_position_embeddings: view.needInteger('max_seq_len'),
      vocab_size: view.needInteger('vocab_size'),
    }
    return { config, rows: metaRows(heads, keyValueHeads), notices: [] }
  },
}
