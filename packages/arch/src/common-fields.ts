// Fields and row groups that most families share, under the names transformers and llama.cpp use for Llama-shaped decoders.
// What only one or two families have stays in their folders.

import type { GgufView } from './checkpoint-view.ts'
import { archError } from './errors.ts'
import { constantGguf, type Field, float, integer, observed, text } from './fields.ts'
import { rope } from './rope.ts'
import type { Activation } from './spec.ts'

// The declarations of a family that imports nothing else name it.
export type { RopeParameters } from './rope-parameters.ts'

/** Far more than any published model has (Llama 3.1 405B: 126 layers; Kimi K2: 384 experts). */
export const MOST_LAYERS = 4096
export const MOST_EXPERTS = 4096

export const layers = () => integer({ huggingFace: ['num_hidden_layers', 'n_layer', 'n_layers'], gguf: 'block_count' }, MOST_LAYERS)

export const contextLength = (missing?: number) =>
  integer({
    huggingFace: ['max_position_embeddings', 'n_positions', 'n_ctx'],
    gguf: 'context_length',
    ...(missing === undefined ? {} : { missing }),
  })

export const hiddenSize = () => integer({ huggingFace: ['hidden_size', 'n_embd'], gguf: 'embedding_length' })

export const feedForwardWidth = () => integer({ huggingFace: ['intermediate_size', 'n_inner'], gguf: 'feed_forward_length' })

export const heads = () => integer({ huggingFace: ['num_attention_heads', 'n_head', 'n_heads'], gguf: 'attention.head_count' })

/** Heads of keys and values; as many as query heads where a configuration names none. */
export const keyValueHeads = () =>
  integer({
    huggingFace: 'num_key_value_heads',
    gguf: 'attention.head_count_kv',
    missing: (view) => view.integer('num_attention_heads', 'n_head', 'n_heads') ?? 0,
    missingGguf: (view) => view.number('attention.head_count') ?? 0,
  })

/** What a Llama-shaped decoder's keys begin with (llama.cpp's conversion/base.py), head size and file type not yet among them. */
export const llamaShape = (missing: { readonly contextLength: number; readonly epsilon?: number }) => ({
  layers: layers(),
  contextLength: contextLength(missing.contextLength),
  hiddenSize: hiddenSize(),
  feedForwardWidth: feedForwardWidth(),
  heads: heads(),
  keyValueHeads: keyValueHeads(),
  rope: rope({ dimensions: headDimensionOfGguf }),
  epsilon: rmsEpsilon(missing.epsilon),
})

export const rmsEpsilon = (missing = 1e-6) => float({ huggingFace: 'rms_norm_eps', gguf: 'attention.layer_norm_rms_epsilon', missing })

export const layerNormEpsilon = (missing = 1e-5) =>
  float({ huggingFace: ['layer_norm_eps', 'layer_norm_epsilon'], gguf: 'attention.layer_norm_epsilon', missing })

/** Head size, written as both key and value length. Without it, the hidden size over the heads. */
export const headDimension = (missing?: number) =>
  integer({
    huggingFace: 'head_dim',
    gguf: 'attention.key_length',
    alsoGguf: ['attention.value_length'],
    missing: missing ?? ((view) => Math.floor((view.integer('hidden_size') ?? 0) / (view.integer('num_attention_heads') ?? 1))),
    missingGguf: headDimensionOfGguf,
  })

/** llama.cpp's loader: key_length, else embedding_length / head_count. */
export function headDimensionOfGguf(view: GgufView): number {
  return (
    view.number('attention.key_length') ?? Math.floor((view.number('embedding_length') ?? 0) / (view.number('attention.head_count') ?? 1))
  )
}

/** `general.file_type` stands here in llama.cpp's order; whoever writes the file puts in the type. */
export const fileType = (): Field<null> => constantGguf('general.file_type', { type: 'UINT32', value: 0 })

/** Rows of the embedding decide; a configuration that says otherwise is reported by the caller, not believed. */
export const vocabularySize = (embedding = 'model.embed_tokens.weight') =>
  observed({
    fromHuggingFace: (view) => rows(view.tensors, embedding),
    fromGguf: (view) => rows(view.tensors, 'token_embd.weight'),
    toHuggingFace: (size) => ({ vocab_size: size }),
  })

/** The same, written to GGUF as `{arch}.vocab_size` too. */
export const writtenVocabularySize = (embedding?: string): Field<number> => ({
  ...vocabularySize(embedding),
  toGguf: (size) => [['vocab_size', { type: 'UINT32', value: size }]],
})

function rows(tensors: ReadonlyMap<string, readonly number[]>, name: string): number {
  const shape = tensors.get(name)
  if (shape === undefined)
    throw archError('arch/tensor-missing', `the checkpoint has no tensor ${name}, so its vocabulary size is unknown`, { tensor: name })
  return shape[0]!
}

/** Whether the file holds this tensor, under its standard Hugging Face name or its GGUF name. */
export const hasTensor = (
  huggingFace: string,
  gguf: string,
  config: (present: boolean) => { readonly [key: string]: boolean } = () => ({}),
) =>
  observed({
    fromHuggingFace: (view) => view.tensors.has(huggingFace),
    fromGguf: (view) => view.tensors.has(gguf),
    toHuggingFace: config,
  })

/** A head of its own, decided by the tensors: configurations are wrong about it often enough. */
export const untiedHead = () => hasTensor('lm_head.weight', 'output.weight', (untied) => ({ tie_word_embeddings: !untied }))

const ACTIVATIONS: { readonly [name: string]: Activation } = {
  silu: 'silu',
  swish: 'silu',
  gelu: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_fast: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  relu: 'relu',
}

/** @throws FsError `arch/config-invalid` for an activation no description has a word for. */
export function activationNamed(name: string): Activation {
  const activation = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined
  if (activation === undefined)
    throw archError('arch/config-invalid', `config.json: the activation ${name} is unknown`, { key: 'hidden_act', value: name })
  return activation
}

/** The activation's name as config.json spells it; GGUF does not say it, the family implies it. */
export const activation = (missing: string, key: readonly string[] = ['hidden_act']) => text({ huggingFace: key, missing })
