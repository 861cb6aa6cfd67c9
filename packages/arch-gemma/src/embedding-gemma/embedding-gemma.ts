// EmbeddingGemma: Gemma 3's layers with attention in both directions, a mean over the tokens, two linear layers.
// Facts: transformers modeling_gemma3.py; llama.cpp conversion/gemma.py (EmbeddingGemma), src/models/gemma-embedding.cpp, src/llama-graph.cpp.
import { defineArch, type EncoderSpec, type Notice } from '@fs/arch'
import { offsetRmsNorm, plainEmbedding } from '@fs/arch/common-decoder'
import { boolean, type ConfigOf, integer } from '@fs/arch/fields'
import { denseLayers, denseWeights, normalized, normalizeNotices, pooling } from '@fs/arch/sentence-transformers'
import { patternNotices, scalarNotices } from '../attention-fields.ts'
import { leadingFields, PATTERN, trailingFields } from '../gemma3/fields.ts'
import { gemma3Layers, gemma3Weights } from '../gemma3/layers.ts'
import { ignoredHead } from '../weights.ts'

const fields = {
  ...leadingFields(),
  /** Both sides together. transformers halves it when it reads config.json and doubles it when it writes one. */
  window: integer({ huggingFace: 'sliding_window', gguf: 'attention.sliding_window' }),
  dense: denseLayers(),
  pooling: pooling(),
  ...trailingFields(null),
  bothDirections: boolean({ huggingFace: 'use_bidirectional_attention', missing: false, missingGguf: true }),
  normalize: normalized(),
}

type Config = ConfigOf<typeof fields>

function describe(config: Config): EncoderSpec {
  const { vocabularySize, hiddenSize, contextLength, pooling, normalize, dense } = config
  // Half of the window to either side, and the token itself (Gemma3TextConfig.__post_init__; LLAMA_SWA_TYPE_SYMMETRIC in llama-hparams.h).
  const seen = config.bothDirections ? { causal: false, window: (config.window >> 1) + 1 } : { causal: true, window: config.window }
  return {
    kind: 'encoder',
    vocabularySize,
    hiddenSize,
    contextLength,
    embedding: { ...plainEmbedding, scale: Math.sqrt(hiddenSize) },
    layers: gemma3Layers(config, seen),
    outputNorm: offsetRmsNorm(config.epsilon),
    pooling,
    normalize,
    dense,
  }
}

/** llama.cpp's loader wants from the hidden size to any other and back, without bias; its graph has no activation in between. */
function notInGguf({ dense, hiddenSize }: Config): string | undefined {
  const plain = dense.every(({ bias, activation }) => !bias && activation === 'identity')
  const [first, second] = dense
  const fits = first?.inputSize === hiddenSize && first.outputSize === second?.inputSize && second.outputSize === hiddenSize
  if (dense.length === 0 || (dense.length === 2 && plain && fits)) return undefined
  return 'llama.cpp has room for two linear layers after pooling that lead back to the hidden size, without bias and activation'
}

function causalNotices({ bothDirections }: Config): readonly Notice[] {
  if (bothDirections) return []
  const message =
    'config.json says attention looks back only, but llama.cpp runs this architecture in both directions: embeddings differ for every text'
  return [{ code: 'gguf/both-directions', message }]
}

export const embeddingGemma = defineArch({
  id: 'embedding-gemma',
  title: 'EmbeddingGemma',
  ggufArchitecture: 'gemma-embedding',
  huggingFaceArchitectures: ['Gemma3TextModel'],
  modelTypes: ['gemma3_text'],
  checkpoints: ['google/embeddinggemma-300m'],
  aliases: [[/^(embed_tokens|layers|norm)\./, 'model.$1.']],
  ignored: ignoredHead,
  readsTokenizerSize: true,
  fields,
  describe,
  weights: ({ paddingRows, dense }) => [...gemma3Weights(paddingRows), ...denseWeights(dense)],
  vocabulary: () => ({ addSpacePrefix: false }),
  notices: (config) => [
    ...scalarNotices(config, null),
    ...patternNotices(config.local, PATTERN),
    ...causalNotices(config),
    ...normalizeNotices(config),
  ],
  notInGguf,
})
