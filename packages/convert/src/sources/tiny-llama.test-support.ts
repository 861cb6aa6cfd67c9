// The smallest Llama that goes through everything: one layer, byte tokens, matrices of numbers that any float type holds.
import type { Checkpoint, Json } from '@fs/core'
import { jsonFromTokenBytes } from '@fs/tokenizer/legacy'
import { countingNumbers, folderCheckpoint, type Stored, stored, text } from './in-memory.test-support.ts'

export const HIDDEN = 64
export const WIDTH = 96
const HEADS = 4
const TOKENS = 256

/** Linear layers by Hugging Face's names, with outputs and inputs. */
export const LAYERS = {
  'model.layers.0.self_attn.q_proj': [HIDDEN, HIDDEN],
  'model.layers.0.self_attn.k_proj': [HIDDEN / 2, HIDDEN],
  'model.layers.0.self_attn.v_proj': [HIDDEN / 2, HIDDEN],
  'model.layers.0.self_attn.o_proj': [HIDDEN, HIDDEN],
  'model.layers.0.mlp.gate_proj': [WIDTH, HIDDEN],
  'model.layers.0.mlp.up_proj': [WIDTH, HIDDEN],
  'model.layers.0.mlp.down_proj': [HIDDEN, WIDTH],
} as const satisfies { readonly [name: string]: readonly [outputs: number, inputs: number] }

export type LayerName = keyof typeof LAYERS

export const CONFIG: { readonly [key: string]: Json } = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: HIDDEN,
  intermediate_size: WIDTH,
  num_attention_heads: HEADS,
  num_key_value_heads: HEADS / 2,
  num_hidden_layers: 1,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-5,
  vocab_size: TOKENS,
}

/** Values of a layer's whole weight, row-major [outputs, inputs]. */
export type Weights = { readonly [Name in LayerName]: Float32Array }

export function plainWeights(): Weights {
  const entries = Object.entries(LAYERS).map(([name, [outputs, inputs]], index) => [name, countingNumbers(outputs * inputs, index)])
  return Object.fromEntries(entries) as Weights
}

/**
 * @param layers tensors of each linear layer, by the part's name behind the layer's
 * @param config over the plain one
 */
export function tinyLlama(
  layers: (name: LayerName, outputs: number, inputs: number) => { readonly [part: string]: Stored },
  config: { readonly [key: string]: Json } = {},
  files: { readonly [name: string]: Uint8Array } = {},
): Promise<Checkpoint> {
  const tensors: { [name: string]: Stored } = {
    'model.embed_tokens.weight': stored('F32', [TOKENS, HIDDEN], countingNumbers(TOKENS * HIDDEN, 20)),
    'model.norm.weight': stored('F32', [HIDDEN], countingNumbers(HIDDEN, 21)),
    'model.layers.0.input_layernorm.weight': stored('F32', [HIDDEN], countingNumbers(HIDDEN, 22)),
    'model.layers.0.post_attention_layernorm.weight': stored('F32', [HIDDEN], countingNumbers(HIDDEN, 23)),
  }
  for (const [name, [outputs, inputs]] of Object.entries(LAYERS)) {
    for (const [part, tensor] of Object.entries(layers(name as LayerName, outputs, inputs))) tensors[`${name}.${part}`] = tensor
  }
  const tokenizer = jsonFromTokenBytes(
    Array.from({ length: TOKENS }, (_, byte) => Uint8Array.of(byte)),
    'tokens',
  )
  return folderCheckpoint({ ...CONFIG, ...config }, tensors, { 'tokenizer.json': text(tokenizer), ...files })
}

/** The model with whole weights. */
export const plainLlama = (weights: Weights, files: { readonly [name: string]: Uint8Array } = {}): Promise<Checkpoint> =>
  tinyLlama((name, outputs, inputs) => ({ weight: stored('F32', [outputs, inputs], weights[name]) }), {}, files)
