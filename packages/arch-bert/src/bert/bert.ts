// BERT and checkpoints of its exact shape (BGE, MiniLM, GTE): an encoder with norms after each half and learned positions.
// Facts: transformers modeling_bert.py; llama.cpp conversion/bert.py and src/models/bert.cpp.
import { defineArch, type EncoderSpec } from '@fs/arch'
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
import { boolean, type ConfigOf, constantGguf, integer } from '@fs/arch/fields'
import { weight } from '@fs/arch/weights'
import { pooling } from '../pooling.ts'

const fields = {
  layers: layers(),
  contextLength: contextLength(512),
  hiddenSize: hiddenSize(),
  feedForwardWidth: feedForwardWidth(),
  heads: heads(),
  epsilon: layerNormEpsilon(1e-12),
  fileType: fileType(),
  causal: constantGguf('attention.causal', { type: 'BOOL', value: false }),
  pooling: pooling(),
  normalize: boolean({ huggingFace: 'sentence_transformers.normalize', missing: false, missingGguf: false }),
  tokenTypes: integer({ huggingFace: 'type_vocab_size', gguf: 'tokenizer.ggml.token_type_count', missing: 2, missingGguf: 1 }),
  vocabularySize: vocabularySize('embeddings.word_embeddings.weight'),
  activation: activation('gelu'),
}

type Config = ConfigOf<typeof fields>

function describe(config: Config): EncoderSpec {
  const norm = { kind: 'layer', epsilon: config.epsilon, bias: true } as const
  const layer = {
    kind: 'post-norm',
    attentionPostNorm: norm,
    feedForwardPostNorm: norm,
    attention: attentionSpec({
      heads: config.heads,
      keyValueHeads: config.heads,
      headDimension: config.hiddenSize / config.heads,
      causal: false,
      bias: { query: true, key: true, value: true, output: true },
      position: { kind: 'none' },
    }),
    feedForward: { kind: 'mlp', width: config.feedForwardWidth, activation: activationNamed(config.activation), bias: true },
  } as const
  return {
    kind: 'encoder',
    vocabularySize: config.vocabularySize,
    hiddenSize: config.hiddenSize,
    contextLength: config.contextLength,
    embedding: { scale: null, positions: config.contextLength, tokenTypes: config.tokenTypes, norm },
    layers: Array.from({ length: config.layers }, () => layer),
    outputNorm: null,
    pooling: config.pooling,
    normalize: config.normalize,
    dense: [],
  }
}

export const bert = defineArch({
  id: 'bert',
  title: 'BERT',
  ggufArchitecture: 'bert',
  huggingFaceArchitectures: ['BertModel', 'BertForMaskedLM'],
  modelTypes: ['bert'],
  checkpoints: ['BAAI/bge-small-en-v1.5', 'sentence-transformers/all-MiniLM-L6-v2', 'google-bert/bert-base-uncased'],
  aliases: [
    [/^bert\./, ''],
    [/\.gamma$/, '.weight'],
    [/\.beta$/, '.bias'],
  ],
  ignored: [/(^|\.)embeddings\.position_ids$/, /(^|\.)pooler\.dense\./, /^cls\.(predictions|seq_relationship)/],
  fields,
  describe,
  weights: () => [
    weight('embedding.tokens', 'embeddings.word_embeddings', 'token_embd'),
    weight('embedding.positions', 'embeddings.position_embeddings', 'position_embd'),
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
  ],
  vocabulary: () => ({ preferredPre: 'jina-v2-en' }),
  notices: ({ activation: name }) =>
    name === 'gelu'
      ? [
          {
            code: 'gguf/exact-gelu',
            message: 'the model uses the exact GELU, llama.cpp the tanh approximation: embeddings differ slightly',
          },
        ]
      : [],
})
