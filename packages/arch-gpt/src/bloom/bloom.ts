// BLOOM: ALiBi, a norm behind the embedding, query, key and value interleaved head by head in one matrix.
// Facts: transformers modeling_bloom.py; llama.cpp conversion/bloom.py and src/models/bloom.cpp.
import { type DecoderSpec, defineArch } from '@fs/arch'
import { attentionSpec, decoderFrame, plainEmbedding, preNormLayer } from '@fs/arch/common-decoder'
import { fileType, heads, layerNormEpsilon, layers, untiedHead, vocabularySize } from '@fs/arch/common-fields'
import { type ConfigOf, integer } from '@fs/arch/fields'
import { weight } from '@fs/arch/weights'
import { joinedByHead } from '../joined-attention.ts'

const width = (view: { integer: (...keys: readonly string[]) => number | undefined }): number => view.integer('hidden_size', 'n_embed') ?? 0

const fields = {
  // BLOOM has no limit of its own; llama.cpp's converter writes seq_length, or the hidden size for want of anything better.
  contextLength: integer({ huggingFace: 'seq_length', gguf: 'context_length', missing: width }),
  hiddenSize: integer({ huggingFace: ['hidden_size', 'n_embed'], gguf: 'embedding_length' }),
  feedForwardWidth: integer({ huggingFace: 'n_inner', gguf: 'feed_forward_length', missing: (view) => 4 * width(view) }),
  layers: { ...layers(), toHuggingFace: (n_layer: number) => ({ n_layer }) },
  heads: { ...heads(), toHuggingFace: (n_head: number) => ({ n_head }), toGguf: writeHeads },
  epsilon: { ...layerNormEpsilon(), toHuggingFace: (layer_norm_epsilon: number) => ({ layer_norm_epsilon }) },
  fileType: fileType(),
  vocabularySize: vocabularySize('word_embeddings.weight'),
  untied: untiedHead(),
}

function writeHeads(value: number) {
  return [
    ['attention.head_count', { type: 'UINT32', value }],
    ['attention.head_count_kv', { type: 'UINT32', value }],
  ] as const
}

type Config = ConfigOf<typeof fields>

function describe(config: Config): DecoderSpec {
  const norm = { kind: 'layer', epsilon: config.epsilon, bias: true } as const
  const layer = preNormLayer(norm, {
    attention: attentionSpec({
      heads: config.heads,
      keyValueHeads: config.heads,
      headDimension: config.hiddenSize / config.heads,
      bias: { query: true, key: true, value: true, output: true },
      position: { kind: 'alibi', maximumBias: 8 },
    }),
    feedForward: { kind: 'mlp', width: config.feedForwardWidth, activation: 'gelu-tanh', bias: true },
  })
  return {
    ...decoderFrame(config),
    embedding: { ...plainEmbedding, norm },
    layers: Array.from({ length: config.layers }, () => layer),
    outputNorm: norm,
  }
}

export const bloom = defineArch({
  id: 'bloom',
  title: 'BLOOM',
  ggufArchitecture: 'bloom',
  huggingFaceArchitectures: ['BloomForCausalLM', 'BloomModel'],
  modelTypes: ['bloom'],
  checkpoints: ['bigscience/bloom-560m', 'bigscience/bloomz-1b7'],
  aliases: [[/^transformer\./, '']],
  tied: { embedding: 'word_embeddings.weight', head: 'lm_head.weight' },
  fields,
  describe,
  weights: ({ heads, hiddenSize }) => [
    weight('embedding.tokens', 'word_embeddings', 'token_embd'),
    weight('embedding.norm', 'word_embeddings_layernorm', 'token_embd_norm'),
    weight('layers.{i}.attention_norm', 'h.{i}.input_layernorm', 'blk.{i}.attn_norm'),
    joinedByHead('h.{i}.self_attention.query_key_value', heads, hiddenSize),
    weight('layers.{i}.attention.output', 'h.{i}.self_attention.dense', 'blk.{i}.attn_output'),
    weight('layers.{i}.feed_forward_norm', 'h.{i}.post_attention_layernorm', 'blk.{i}.ffn_norm'),
    weight('layers.{i}.feed_forward.up', 'h.{i}.mlp.dense_h_to_4h', 'blk.{i}.ffn_up'),
    weight('layers.{i}.feed_forward.down', 'h.{i}.mlp.dense_4h_to_h', 'blk.{i}.ffn_down'),
    weight('output_norm', 'ln_f', 'output_norm'),
    weight('output', 'lm_head', 'output'),
  ],
  vocabulary: () => ({ preferredPre: 'bloom' }),
})
