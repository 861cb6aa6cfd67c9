// GPT-J: attention and feed-forward side by side behind one norm, rotation of neighbouring dimensions in a part of each head, a head with a bias.
// Facts: transformers modeling_gptj.py, configuration_gptj.py; gguf-py/gguf/constants.py for GGUF's names. llama.cpp has no loader for it.
import { type DecoderSpec, defineArch } from '@fs/arch'
import { attentionSpec, decoderFrame } from '@fs/arch/common-decoder'
import {
  activation,
  activationNamed,
  contextLength,
  fileType,
  heads,
  hiddenSize,
  layerNormEpsilon,
  layers,
  vocabularySize,
} from '@fs/arch/common-fields'
import { type ConfigOf, integer } from '@fs/arch/fields'
import { weight } from '@fs/arch/weights'

const fields = {
  layers: { ...layers(), toHuggingFace: (n_layer: number) => ({ n_layer }) },
  contextLength: { ...contextLength(2048), toHuggingFace: (n_positions: number) => ({ n_positions }) },
  hiddenSize: { ...hiddenSize(), toHuggingFace: (n_embd: number) => ({ n_embd }) },
  feedForwardWidth: integer({
    huggingFace: 'n_inner',
    gguf: 'feed_forward_length',
    missing: (view) => 4 * (view.integer('n_embd', 'hidden_size') ?? 0),
  }),
  heads: { ...heads(), toHuggingFace: (n_head: number) => ({ n_head }) },
  ropeDimensions: integer({ huggingFace: 'rotary_dim', gguf: 'rope.dimension_count', missing: 64 }),
  epsilon: { ...layerNormEpsilon(), toHuggingFace: (layer_norm_epsilon: number) => ({ layer_norm_epsilon }) },
  fileType: fileType(),
  vocabularySize: vocabularySize('transformer.wte.weight'),
  activation: activation('gelu_new', ['activation_function']),
}

type Config = ConfigOf<typeof fields>

function describe(config: Config): DecoderSpec {
  const norm = { kind: 'layer', epsilon: config.epsilon, bias: true } as const
  const layer = {
    kind: 'parallel',
    attentionNorm: norm,
    feedForwardNorm: null,
    attention: attentionSpec({
      heads: config.heads,
      keyValueHeads: config.heads,
      headDimension: config.hiddenSize / config.heads,
      position: { kind: 'rope', dimensions: config.ropeDimensions, base: 10000, pairing: 'interleaved', scaling: { kind: 'none' } },
    }),
    feedForward: { kind: 'mlp', width: config.feedForwardWidth, activation: activationNamed(config.activation), bias: true },
  } as const
  const frame = decoderFrame({ ...config, untied: true })
  return { ...frame, head: { ...frame.head, bias: true }, layers: Array.from({ length: config.layers }, () => layer), outputNorm: norm }
}

export const gptJ = defineArch({
  id: 'gpt-j',
  title: 'GPT-J',
  ggufArchitecture: 'gptj',
  huggingFaceArchitectures: ['GPTJForCausalLM'],
  modelTypes: ['gptj'],
  checkpoints: ['EleutherAI/gpt-j-6b', 'databricks/dolly-v1-6b'],
  ignored: [/\.attn\.(bias|masked_bias)$/],
  tied: { embedding: 'transformer.wte.weight', head: 'lm_head.weight' },
  fields,
  describe,
  weights: () => [
    weight('embedding.tokens', 'transformer.wte', 'token_embd'),
    weight('layers.{i}.attention_norm', 'transformer.h.{i}.ln_1', 'blk.{i}.attn_norm'),
    weight('layers.{i}.attention.query', 'transformer.h.{i}.attn.q_proj', 'blk.{i}.attn_q'),
    weight('layers.{i}.attention.key', 'transformer.h.{i}.attn.k_proj', 'blk.{i}.attn_k'),
    weight('layers.{i}.attention.value', 'transformer.h.{i}.attn.v_proj', 'blk.{i}.attn_v'),
    weight('layers.{i}.attention.output', 'transformer.h.{i}.attn.out_proj', 'blk.{i}.attn_output'),
    weight('layers.{i}.feed_forward.up', 'transformer.h.{i}.mlp.fc_in', 'blk.{i}.ffn_up'),
    weight('layers.{i}.feed_forward.down', 'transformer.h.{i}.mlp.fc_out', 'blk.{i}.ffn_down'),
    weight('output_norm', 'transformer.ln_f', 'output_norm'),
    weight('output', 'lm_head', 'output'),
  ],
  vocabulary: () => ({ preferredPre: 'gpt-2' }),
  notices: () => [
    {
      code: 'gguf/no-loader',
      message: 'llama.cpp has no GPT-J: a GGUF of it is well-formed, but neither llama.cpp nor what is built on it loads the file',
    },
  ],
})
