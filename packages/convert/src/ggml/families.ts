// The families that had files before GGUF, as llm-rs's converters wrote them: the integers at the start, which tensors are matrices to be made
// smaller, and in which order tensors come. Names and layouts are those the families' dialects read (`@fs/registry`).
// Facts: llm_rs/convert/models/*.py of llm-rs-python; `quantize_tensors` in crates/models/*/src/lib.rs of rustformers/llm.
import type { DecoderSpec } from '@fs/arch'
import type { GgmlModelId } from '@fs/formats/ggml'
import { convertError } from '../errors.ts'

export type GgmlFamily = {
  readonly model: GgmlModelId
  /** What llm-rs calls it in `.meta` files (`KnownModels`, llm_rs/auto.py). */
  readonly knownModel: string
  readonly container: 'ggml' | 'ggjt'
  /** All but `ftype`, by name. */
  readonly hyperparameters: (spec: DecoderSpec) => { readonly [name: string]: number }
  /** Which matrices become float16 or blocks; everything else is float32. */
  readonly shrinks: (name: string) => boolean
  /** The head's name where loaders want one even if it is the embedding again. */
  readonly head?: string
  /** Ends of canonical names within a layer, in the order of the family's PyTorch module; the table's order where absent. */
  readonly layerOrder?: readonly string[]
}

const endsInWeight = (name: string): boolean => name.endsWith('.weight')

const attentionOf = (spec: DecoderSpec) => spec.layers[0]!.attention

function rotated(spec: DecoderSpec): number {
  const { position } = attentionOf(spec)
  return position.kind === 'rope' ? position.dimensions : 0
}

/** By the id of the architecture. */
const GGML_FAMILIES: { readonly [architecture: string]: GgmlFamily } = {
  llama: {
    model: 'llama',
    knownModel: 'Llama',
    container: 'ggjt',
    hyperparameters: (spec) => ({
      n_vocab: spec.vocabularySize,
      n_embd: spec.hiddenSize,
      n_mult: feedForwardMultiple(spec),
      n_head: attentionOf(spec).heads,
      n_layer: spec.layers.length,
      n_rot: rotated(spec),
    }),
    shrinks: endsInWeight,
    head: 'output.weight',
    layerOrder: [
      ...['attention.query', 'attention.key', 'attention.value', 'attention.output'],
      ...['feed_forward.gate', 'feed_forward.up', 'feed_forward.down', 'attention_norm', 'feed_forward_norm'],
    ],
  },
  gpt2: {
    model: 'gpt2',
    knownModel: 'Gpt2',
    container: 'ggml',
    hyperparameters: (spec) => ({
      n_vocab: spec.vocabularySize,
      n_ctx: spec.contextLength,
      n_embd: spec.hiddenSize,
      n_head: attentionOf(spec).heads,
      n_layer: spec.layers.length,
    }),
    shrinks: (name) => name === 'model/wte' || name === 'model/lm_head' || name.endsWith('/w'),
    head: 'model/lm_head',
  },
  'gpt-j': {
    model: 'gptj',
    knownModel: 'GptJ',
    container: 'ggml',
    hyperparameters: (spec) => ({
      n_vocab: spec.vocabularySize,
      n_ctx: spec.contextLength,
      n_embd: spec.hiddenSize,
      n_head: attentionOf(spec).heads,
      n_layer: spec.layers.length,
      n_rot: rotated(spec),
    }),
    shrinks: endsInWeight,
    layerOrder: [
      ...['attention_norm', 'attention.key', 'attention.value', 'attention.query', 'attention.output'],
      ...['feed_forward.up', 'feed_forward.down'],
    ],
  },
  'gpt-neox': {
    model: 'gptneox',
    knownModel: 'GptNeoX',
    container: 'ggml',
    hyperparameters: (spec) => ({
      n_vocab: spec.vocabularySize,
      n_ctx: spec.contextLength,
      n_embd: spec.hiddenSize,
      n_head: attentionOf(spec).heads,
      n_layer: spec.layers.length,
      n_rot: rotated(spec),
      use_parallel_residual: spec.layers[0]!.kind === 'parallel' ? 1 : 0,
    }),
    shrinks: endsInWeight,
  },
  bloom: {
    model: 'bloom',
    knownModel: 'Bloom',
    container: 'ggml',
    hyperparameters: (spec) => ({
      n_vocab: spec.vocabularySize,
      n_embd: spec.hiddenSize,
      n_mult: 1,
      n_head: attentionOf(spec).heads,
      n_layer: spec.layers.length,
    }),
    shrinks: endsInWeight,
    head: 'output.weight',
  },
  mpt: {
    model: 'mpt',
    knownModel: 'Mpt',
    container: 'ggml',
    hyperparameters: (spec) => {
      const { heads, position, clamp } = attentionOf(spec)
      return {
        d_model: spec.hiddenSize,
        max_seq_len: spec.contextLength,
        n_head: heads,
        n_layer: spec.layers.length,
        n_vocab: spec.vocabularySize,
        alibi_bias_max: position.kind === 'alibi' ? position.maximumBias : 0,
        clip_qkv: clamp ?? 0,
      }
    },
    shrinks: endsInWeight,
  },
}

/** @throws FsError `convert/ggml-family` for an architecture that came after these files */
export function ggmlFamilyOf(architecture: { readonly id: string; readonly title: string }): GgmlFamily {
  const family = Object.hasOwn(GGML_FAMILIES, architecture.id) ? GGML_FAMILIES[architecture.id] : undefined
  if (family !== undefined) return family
  const known = Object.keys(GGML_FAMILIES).join(', ')
  throw convertError(
    'convert/ggml-family',
    `no program that reads files of before GGUF knows ${architecture.title}; they were written for ${known}. Where the model is one of these under another name, say so with --arch`,
    { architecture: architecture.id },
  )
}

/**
 * llama.cpp of 2023 works the feed-forward width out: 8/3 of the hidden size, rounded up to a multiple. llm-rs always writes 256; where that gives
 * another width, the largest multiple that gives the right one is taken (`find_n_mult`, convert.py of llama.cpp), or 256 when none does.
 */
function feedForwardMultiple(spec: DecoderSpec): number {
  const width = spec.layers[0]!.feedForward.width
  const widthFor = (multiple: number) => Math.ceil(Math.floor((8 * spec.hiddenSize) / 3) / multiple) * multiple
  if (widthFor(256) === width) return 256
  for (let multiple = 8192; multiple > 0; multiple--) if (widthFor(multiple) === width) return multiple
  return 256
}
