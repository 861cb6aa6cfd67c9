// MPT: ALiBi instead of positions, layer norms and matrices without biases, clipped projections in some models.
// Facts: transformers modeling_mpt.py; llama.cpp conversion/mpt.py and src/models/mpt.cpp.
import { archError, type DecoderSpec, defineArch } from '@fs/arch'
import { attentionSpec, decoderFrame, preNormLayer } from '@fs/arch/common-decoder'
import { MOST_LAYERS, vocabularySize } from '@fs/arch/common-fields'
import { exactGeluNotices } from '@fs/arch/exact-gelu'
import { type ConfigOf, type Field, float, integer, observed } from '@fs/arch/fields'
import { weight } from '@fs/arch/weights'
import { joinedInOrder } from '../joined-attention.ts'

/** Largest bias of the steepest head, 0 for a model without ALiBi (which llama.cpp's MPT then runs with learned positions). */
const alibiBias = (): Field<number> =>
  observed({
    fromHuggingFace: (view) => (view.boolean('attn_config.alibi') === false ? 0 : (view.number('attn_config.alibi_bias_max') ?? 8)),
    fromGguf: (view) => view.number('attention.max_alibi_bias') ?? 0,
    toHuggingFace: (bias) => ({ attn_config: { alibi: bias > 0, alibi_bias_max: bias } }),
    toGguf: (bias) => [['attention.max_alibi_bias', { type: 'FLOAT32', value: bias }]],
  })

const clamp = (): Field<number | null> =>
  observed<number | null>({
    fromHuggingFace: (view) => view.number('attn_config.clip_qkv') ?? null,
    fromGguf: (view) => view.number('attention.clamp_kqv') ?? null,
    toHuggingFace: (clip_qkv) => ({ attn_config: { clip_qkv } }),
    floatKeys: ['clip_qkv'],
    toGguf: (value) => (value === null ? [] : [['attention.clamp_kqv', { type: 'FLOAT32', value: Math.fround(value) }]]),
  })

const keyValueHeads = (): Field<number | null> =>
  observed<number | null>({
    fromHuggingFace: (view) => view.integer('attn_config.kv_n_heads') ?? null,
    fromGguf: (view) => view.number('attention.head_count_kv') ?? null,
    toHuggingFace: (kv_n_heads) => (kv_n_heads === null ? {} : { attn_config: { kv_n_heads } }),
    toGguf: (value) => (value === null ? [] : [['attention.head_count_kv', { type: 'UINT32', value }]]),
  })

const fields = {
  contextLength: integer({ huggingFace: 'max_seq_len', gguf: 'context_length', missing: 2048 }),
  hiddenSize: integer({ huggingFace: 'd_model', gguf: 'embedding_length' }),
  layers: integer({ huggingFace: 'n_layers', gguf: 'block_count' }, MOST_LAYERS),
  feedForwardWidth: integer({
    huggingFace: 'ffn_hidden_size',
    gguf: 'feed_forward_length',
    missing: (view) => (view.integer('expansion_ratio') ?? 4) * (view.integer('d_model') ?? 0),
  }),
  heads: integer({ huggingFace: 'n_heads', gguf: 'attention.head_count' }),
  keyValueHeads: keyValueHeads(),
  epsilon: float({ huggingFace: 'layer_norm_epsilon', gguf: 'attention.layer_norm_epsilon', missing: 1e-5 }),
  clamp: clamp(),
  alibiBias: alibiBias(),
  vocabularySize: vocabularySize('transformer.wte.weight'),
}

type Config = ConfigOf<typeof fields>

function describe(config: Config): DecoderSpec {
  if (config.alibiBias === 0)
    throw archError(
      'arch/not-expressible',
      'this MPT model has learned positions instead of ALiBi, which no published MPT has and this version does not describe',
      {},
    )
  const norm = { kind: 'layer', epsilon: config.epsilon, bias: false } as const
  const layer = preNormLayer(norm, {
    attention: attentionSpec({
      heads: config.heads,
      keyValueHeads: config.keyValueHeads ?? config.heads,
      headDimension: config.hiddenSize / config.heads,
      clamp: config.clamp,
      position: { kind: 'alibi', maximumBias: config.alibiBias },
    }),
    feedForward: { kind: 'mlp', width: config.feedForwardWidth, activation: 'gelu', bias: false },
  })
  return { ...decoderFrame({ ...config, untied: false }), layers: Array.from({ length: config.layers }, () => layer), outputNorm: norm }
}

export const mpt = defineArch({
  id: 'mpt',
  title: 'MPT',
  ggufArchitecture: 'mpt',
  huggingFaceArchitectures: ['MptForCausalLM', 'MPTForCausalLM'],
  modelTypes: ['mpt'],
  checkpoints: ['mosaicml/mpt-7b', 'mosaicml/mpt-7b-instruct'],
  tied: { embedding: 'transformer.wte.weight', head: 'lm_head.weight' },
  fields,
  describe,
  weights: ({ hiddenSize: hidden, heads, keyValueHeads: keys }) => {
    const keyRows = ((keys ?? heads) * hidden) / heads
    return [
      weight('embedding.tokens', 'transformer.wte', 'token_embd'),
      weight('layers.{i}.attention_norm', 'transformer.blocks.{i}.norm_1', 'blk.{i}.attn_norm'),
      joinedInOrder('transformer.blocks.{i}.attn.Wqkv', [hidden, keyRows, keyRows]),
      weight('layers.{i}.attention.output', 'transformer.blocks.{i}.attn.out_proj', 'blk.{i}.attn_output'),
      weight('layers.{i}.feed_forward_norm', 'transformer.blocks.{i}.norm_2', 'blk.{i}.ffn_norm'),
      weight('layers.{i}.feed_forward.up', 'transformer.blocks.{i}.ffn.up_proj', 'blk.{i}.ffn_up'),
      weight('layers.{i}.feed_forward.down', 'transformer.blocks.{i}.ffn.down_proj', 'blk.{i}.ffn_down'),
      weight('output_norm', 'transformer.norm_f', 'output_norm'),
    ]
  },
  vocabulary: () => ({ preferredPre: 'mpt' }),
  notices: () => exactGeluNotices({ activation: 'gelu' }, 'logits'),
})
