// The encoder BERT, RoBERTa and XLM-R share: fields in the order llama.cpp writes them, decoder, weight rows.
// Facts: transformers modeling_bert.py, modeling_roberta.py; llama.cpp conversion/bert.py and src/models/bert.cpp.
import type { EncoderSpec, LayerSpec, LeftOutPart, Notice } from '@fs/arch'
import { attentionSpec } from '@fs/arch/common-decoder'
import {
  activation,
  activationNamed,
  contextLength,
  feedForwardWidth,
  fileType,
  heads,
  hiddenSize,
  layerNormEpsilon,
  layers,
  vocabularySize,
} from '@fs/arch/common-fields'
import { exactGeluNotices } from '@fs/arch/exact-gelu'
import { type ConfigOf, constantGguf, integer } from '@fs/arch/fields'
import { type DenseLayer, denseLayers, denseWeights, normalized, normalizeNotices, pooling } from '@fs/arch/sentence-transformers'
import type { Transform } from '@fs/arch/transforms'
import { type WeightName, weight } from '@fs/arch/weights'

/** What every encoder here has behind its file type. */
export const trailingFields = () => ({
  causal: constantGguf('attention.causal', { type: 'BOOL', value: false }),
  pooling: pooling(),
  normalize: normalized(),
  dense: denseLayers(),
  tokenTypes: integer({ huggingFace: 'type_vocab_size', gguf: 'tokenizer.ggml.token_type_count', missing: 2, missingGguf: 1 }),
  vocabularySize: vocabularySize('embeddings.word_embeddings.weight'),
})

/** Everything but the length of the position table, whose start differs. */
export const encoderFields = () => ({
  layers: layers(),
  contextLength: contextLength(512),
  hiddenSize: hiddenSize(),
  feedForwardWidth: feedForwardWidth(),
  heads: heads(),
  epsilon: layerNormEpsilon(1e-12),
  fileType: fileType(),
  ...trailingFields(),
  activation: activation('gelu'),
})

export type EncoderConfig = ConfigOf<ReturnType<typeof encoderFields>>

export function describeEncoder(config: EncoderConfig): EncoderSpec {
  return postNormEncoder(config, config.contextLength, {
    attention: attentionSpec({
      heads: config.heads,
      keyValueHeads: config.heads,
      headDimension: config.hiddenSize / config.heads,
      causal: false,
      bias: { query: true, key: true, value: true, output: true },
      position: { kind: 'none' },
    }),
    feedForward: { kind: 'mlp', width: config.feedForwardWidth, activation: activationNamed(config.activation), bias: true },
  })
}

/**
 * An encoder of equal layers with a norm after each half.
 * @param positions rows of the position table, or null
 */
export function postNormEncoder(
  config: Omit<EncoderConfig, 'activation'>,
  positions: number | null,
  halves: Pick<LayerSpec, 'attention' | 'feedForward'>,
): EncoderSpec {
  const { vocabularySize, hiddenSize, contextLength, tokenTypes, pooling, normalize, dense } = config
  const norm = { kind: 'layer', epsilon: config.epsilon, bias: true } as const
  const layer: LayerSpec = { kind: 'post-norm', attentionPostNorm: norm, feedForwardPostNorm: norm, ...halves }
  return {
    kind: 'encoder',
    vocabularySize,
    hiddenSize,
    contextLength,
    embedding: { scale: null, positions, tokenTypes, norm },
    layers: Array.from({ length: config.layers }, () => layer),
    outputNorm: null,
    pooling,
    normalize,
    dense,
  }
}

/** @param unusedPositions rows at the start of the position table that no position uses */
export function encoderWeights(unusedPositions: number, dense: readonly DenseLayer[]): readonly WeightName[] {
  const store: readonly Transform[] = unusedPositions > 0 ? [{ kind: 'pad-rows', before: unusedPositions, after: 0 }] : []
  return [
    weight('embedding.tokens', 'embeddings.word_embeddings', 'token_embd'),
    weight('embedding.positions', { names: 'embeddings.position_embeddings', store }, 'position_embd'),
    weight('embedding.types', 'embeddings.token_type_embeddings', 'token_types'),
    weight('embedding.norm', 'embeddings.LayerNorm', 'token_embd_norm'),
    weight('layers.{i}.attention.query', 'encoder.layer.{i}.attention.self.query', 'blk.{i}.attn_q'),
    weight('layers.{i}.attention.key', 'encoder.layer.{i}.attention.self.key', 'blk.{i}.attn_k'),
    weight('layers.{i}.attention.value', 'encoder.layer.{i}.attention.self.value', 'blk.{i}.attn_v'),
    weight('layers.{i}.attention.output', 'encoder.layer.{i}.attention.output.dense', 'blk.{i}.attn_output'),
    weight('layers.{i}.attention_post_norm', 'encoder.layer.{i}.attention.output.LayerNorm', 'blk.{i}.attn_output_norm'),
    weight('layers.{i}.feed_forward.up', 'encoder.layer.{i}.intermediate.dense', 'blk.{i}.ffn_up'),
    weight('layers.{i}.feed_forward.down', 'encoder.layer.{i}.output.dense', 'blk.{i}.ffn_down'),
    weight('layers.{i}.feed_forward_post_norm', 'encoder.layer.{i}.output.LayerNorm', 'blk.{i}.layer_output_norm'),
    ...denseWeights(dense),
  ]
}

/** Spellings of older checkpoints, and parts of other tasks that an embedding does not need. */
export const encoderAliases: readonly (readonly [RegExp, string])[] = [
  [/^(bert|roberta)\./, ''],
  [/\.gamma$/, '.weight'],
  [/\.beta$/, '.bias'],
]

export const encoderIgnored: readonly RegExp[] = [/(^|\.)embeddings\.position_ids$/]

export const encoderLeftOut: readonly LeftOutPart[] = [
  { tensors: /(^|\.)pooler\./, what: 'the pooler, which a classifier is trained on; embeddings are pooled without it' },
  { tensors: /^(cls\.(predictions|seq_relationship)|lm_head)\./, what: 'the head that the training guesses hidden words with' },
]

/** What a GGUF does not keep. */
export const encoderNotices = (config: EncoderConfig): readonly Notice[] => [
  ...exactGeluNotices(config, 'embeddings'),
  ...normalizeNotices(config),
]
