// GPT-2 in a ggml file: names of TensorFlow's checkpoint, matrices the right way round where Hugging Face has them transposed.
// Facts: ggml examples/gpt-2/convert-h5-to-ggml.py; llm-rs gpt2.py.
import { type Dialect, dialectRow } from '@fs/arch/dialect'

const transposed = [{ kind: 'transpose' }] as const

/** A layer norm's gain and shift, or a projection's weight and bias. */
function pair(stored: string, huggingFace: string, weight: 'g' | 'w') {
  const store = weight === 'w' ? transposed : []
  return [dialectRow(`${stored}/${weight}`, `${huggingFace}.weight`, store), dialectRow(`${stored}/b`, `${huggingFace}.bias`)]
}

export const ggmlGpt2: Dialect = {
  id: 'ggml-gpt2',
  title: 'GPT-2 in a ggml file',
  read: (view) => {
    const contextLength = view.needInteger('n_ctx')
    const config = {
      architectures: ['GPT2LMHeadModel'],
      model_type: 'gpt2',
      n_embd: view.needInteger('n_embd'),
      n_head: view.needInteger('n_head'),
      n_layer: view.needInteger('n_layer'),
      n_positions: contextLength,
      n_ctx: contextLength,
      vocab_size: view.needInteger('n_vocab'),
      layer_norm_epsilon: 1e-5,
    }
    const layer = (stored: string, huggingFace: string, weight: 'g' | 'w') =>
      pair(`model/h{i}/${stored}`, `transformer.h.{i}.${huggingFace}`, weight)
    const rows = [
      dialectRow('model/wte', 'transformer.wte.weight'),
      dialectRow('model/wpe', 'transformer.wpe.weight'),
      ...pair('model/ln_f', 'transformer.ln_f', 'g'),
      ...layer('ln_1', 'ln_1', 'g'),
      ...layer('attn/c_attn', 'attn.c_attn', 'w'),
      ...layer('attn/c_proj', 'attn.c_proj', 'w'),
      ...layer('ln_2', 'ln_2', 'g'),
      ...layer('mlp/c_fc', 'mlp.c_fc', 'w'),
      ...layer('mlp/c_proj', 'mlp.c_proj', 'w'),
      dialectRow('model/lm_head', 'lm_head.weight'),
    ]
    return { config, rows, notices: [] }
  },
}
