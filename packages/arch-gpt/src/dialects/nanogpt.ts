// GPT-2 as Karpathy's minGPT, makemore and nanoGPT save it: transformers' names, but plain linear layers instead of Conv1D, and no config.json.
// Facts: model.py and train.py of karpathy/nanoGPT (`model_args`), makemore.py of karpathy/makemore.
import { archError, type Notice } from '@fs/arch'
import { type Dialect, type DialectView, dialectRow } from '@fs/arch/dialect'

const MATRICES = ['attn.c_attn', 'attn.c_proj', 'mlp.c_fc', 'mlp.c_proj'] as const

const ASSUMED: Notice = {
  code: 'nanogpt/activation',
  message:
    'the checkpoint does not say which GELU it was trained with; the exact one is assumed, as in nanoGPT since June 2023 (an activation_function in a config.json beside it counts)',
}

export const nanoGpt: Dialect = {
  id: 'nanogpt',
  title: 'nanoGPT checkpoint',
  read: (view) => {
    const [vocabulary, hidden] = shapeOf(view, 'transformer.wte.weight')
    const [positions] = shapeOf(view, 'transformer.wpe.weight')
    // nanoGPT keeps its arguments beside the weights; minGPT and makemore, which are older, keep none and have the tanh form.
    const stated = view.integer('block_size') !== undefined
    const config = {
      architectures: ['GPT2LMHeadModel'],
      model_type: 'gpt2',
      n_layer: view.integer('n_layer') ?? [...view.tensors.keys()].filter((name) => name.endsWith('.attn.c_attn.weight')).length,
      n_head: view.needInteger('n_head'),
      n_embd: hidden,
      n_positions: positions,
      vocab_size: vocabulary,
      layer_norm_epsilon: 1e-5,
      activation_function: stated ? 'gelu' : 'gelu_new',
    }
    const rows = MATRICES.map((name) => {
      const both = `transformer.h.{i}.${name}.weight`
      return dialectRow(both, both, [{ kind: 'transpose' }])
    })
    return { config, rows, notices: stated ? [ASSUMED] : [] }
  },
}

function shapeOf({ tensors }: DialectView, name: string): readonly [rows: number, columns: number] {
  const shape = tensors.get(name)
  if (shape?.length === 2) return [shape[0]!, shape[1]!]
  throw archError('arch/tensor-missing', `the checkpoint has no matrix ${name}, which GPT-2 needs`, { tensor: name })
}
