// Gemma 3's configuration in the order llama.cpp writes it, with the defaults of transformers' Gemma3TextConfig.

import { archError } from '@fs/arch'
import {
  activation,
  contextLength,
  feedForwardWidth,
  fileType,
  headDimension,
  headDimensionOfGguf,
  hiddenSize,
  layers,
  rmsEpsilon,
} from '@fs/arch/common-fields'
import { type ConfigOf, type Field, integer, observed } from '@fs/arch/fields'
import { rope } from '@fs/arch/rope'
import { localLayers, queryScalar } from '../attention-fields.ts'

const EMBEDDING = 'model.embed_tokens.weight'

/** Rows of the embedding that a token can reach: all, or as many as the tokenizer has where the embedding is longer. */
const realVocabularySize = (): Field<number> =>
  observed({
    fromHuggingFace: (view) =>
      Math.min(view.tensors.get(EMBEDDING)?.[0] ?? missingEmbedding(), view.tokenizerSize ?? Number.POSITIVE_INFINITY),
    fromGguf: (view) => view.tensors.get('token_embd.weight')?.[0] ?? missingEmbedding(),
    toHuggingFace: (size) => ({ vocab_size: size }),
  })

function missingEmbedding(): never {
  throw archError('arch/tensor-missing', `the checkpoint has no tensor ${EMBEDDING}, so its vocabulary size is unknown`, {
    tensor: EMBEDDING,
  })
}

const paddingRows = (): Field<number> =>
  observed({
    fromHuggingFace: (view) => Math.max(0, (view.tensors.get(EMBEDDING)?.[0] ?? 0) - (view.tokenizerSize ?? Number.POSITIVE_INFINITY)),
    fromGguf: () => 0,
  })

const outputSoftCap = (): Field<number | null> =>
  observed<number | null>({
    fromHuggingFace: (view) => view.number('final_logit_softcapping') ?? null,
    fromGguf: (view) => view.number('final_logit_softcapping') ?? null,
    toHuggingFace: (cap) => ({ final_logit_softcapping: cap }),
    floatKeys: ['final_logit_softcapping'],
    toGguf: (cap) => (cap === null ? [] : [['final_logit_softcapping', { type: 'FLOAT32', value: Math.fround(cap) }]]),
  })

/** The window is written unless every layer is global. */
const window = (): Field<number> =>
  integer({
    huggingFace: 'sliding_window',
    gguf: 'attention.sliding_window',
    missing: 4096,
    missingGguf: 0,
    omitGguf: (size) => size === 0,
  })

/** One layer in this many is global, in every model of the generation and in llama.cpp (src/models/gemma3.cpp, gemma-embedding.cpp). */
export const PATTERN = 6

export const leadingFields = () => ({
  layers: layers(),
  contextLength: contextLength(131072),
  hiddenSize: hiddenSize(),
  feedForwardWidth: feedForwardWidth(),
  heads: integer({ huggingFace: 'num_attention_heads', gguf: 'attention.head_count', missing: 8 }),
  keyValueHeads: integer({ huggingFace: 'num_key_value_heads', gguf: 'attention.head_count_kv', missing: 4 }),
  rope: rope({ dimensions: headDimensionOfGguf, missingBase: 1e6, missingSlidingBase: 10000 }),
  epsilon: rmsEpsilon(),
  headDimension: headDimension(256),
  fileType: fileType(),
})

/** @param layersOfLargest see `queryScalar` */
export const trailingFields = (layersOfLargest: number | null) => ({
  vocabularySize: realVocabularySize(),
  paddingRows: paddingRows(),
  activation: activation('gelu_pytorch_tanh', ['hidden_activation', 'hidden_act']),
  queryScalar: queryScalar(layersOfLargest),
  local: localLayers(PATTERN),
})

/** Layers of the 27B model. */
export const LARGEST = 62

export const gemma3Fields = { ...leadingFields(), outputSoftCap: outputSoftCap(), window: window(), ...trailingFields(LARGEST) }

export type Gemma3Config = ConfigOf<typeof gemma3Fields>
