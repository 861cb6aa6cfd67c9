// GPT-2 and Cerebras-GPT: learned positions, layer norms, and matrices stored transposed (Conv1D).
// Facts: transformers modeling_gpt2.py; llama.cpp conversion/gpt2.py and src/models/gpt2.cpp.
import { type DecoderSpec, defineArch } from '@fs/arch'
import { attentionSpec, decoderFrame, plainEmbedding, preNormLayer } from '@fs/arch/common-decoder'
import {
  activation,
  activationNamed,
  contextLength,
  fileType,
  heads,
  hiddenSize,
  layerNormEpsilon,
  layers,
  untiedHead,
  vocabularySize,
} from '@fs/arch/common-fields'
import { exactGeluNotices } from '@fs/arch/exact-gelu'
import { boolean, type ConfigOf, integer } from '@fs/arch/fields'
import type { Transform } from '@fs/arch/transforms'
import { weight } from '@fs/arch/weights'

/** llama.cpp's converter writes four times the hidden size whatever `n_inner` says; the tensors decide here, and agree in published models. */
const feedForwardWidth = () =>
  integer({ huggingFace: 'n_inner', gguf: 'feed_forward_length', missing: (view) => 4 * (view.integer('n_embd', 'hidden_size') ?? 0) })

const fields = {
  layers: { ...layers(), toHuggingFace: (n_layer: number) => ({ n_layer }) },
  contextLength: { ...contextLength(1024), toHuggingFace: (n_positions: number) => ({ n_positions, n_ctx: n_positions }) },
  hiddenSize: { ...hiddenSize(), toHuggingFace: (n_embd: number) => ({ n_embd }) },
  feedForwardWidth: feedForwardWidth(),
  heads: { ...heads(), toHuggingFace: (n_head: number) => ({ n_head }) },
  epsilon: { ...layerNormEpsilon(), toHuggingFace: (layer_norm_epsilon: number) => ({ layer_norm_epsilon }) },
  fileType: fileType(),
  vocabularySize: vocabularySize('transformer.wte.weight'),
  activation: activation('gelu_new', ['activation_function']),
  untied: untiedHead(),
  // Scores are not scaled at all when this is off; no published model turns it off.
  scaled: boolean({ huggingFace: 'scale_attn_weights', missing: true, missingGguf: true }),
}

type Config = ConfigOf<typeof fields>

function describe(config: Config): DecoderSpec {
  const norm = { kind: 'layer', epsilon: config.epsilon, bias: true } as const
  const size = config.hiddenSize / config.heads
  const layer = preNormLayer(norm, {
    attention: attentionSpec({
      heads: config.heads,
      keyValueHeads: config.heads,
      headDimension: size,
      scale: config.scaled ? size ** -0.5 : 1,
      bias: { query: true, key: true, value: true, output: true },
      position: { kind: 'none' },
    }),
    feedForward: { kind: 'mlp', width: config.feedForwardWidth, activation: activationNamed(config.activation), bias: true },
  })
  return {
    ...decoderFrame(config),
    embedding: { ...plainEmbedding, positions: config.contextLength },
    layers: Array.from({ length: config.layers }, () => layer),
    outputNorm: norm,
  }
}

const transposed: readonly Transform[] = [{ kind: 'transpose' }]

export const gpt2 = defineArch({
  id: 'gpt2',
  title: 'GPT-2',
  ggufArchitecture: 'gpt2',
  huggingFaceArchitectures: ['GPT2LMHeadModel', 'GPT2Model'],
  modelTypes: ['gpt2'],
  checkpoints: ['openai-community/gpt2', 'openai-community/gpt2-xl', 'cerebras/Cerebras-GPT-111M'],
  aliases: [[/^(wte|wpe|h|ln_f)\./, 'transformer.$1.']],
  ignored: [/\.attn\.(bias|masked_bias)$/],
  tied: { embedding: 'transformer.wte.weight', head: 'lm_head.weight' },
  fields,
  describe,
  weights: ({ hiddenSize: hidden }) => {
    const joined: Transform = { kind: 'join', rows: [hidden, hidden, hidden] }
    const attention = ['layers.{i}.attention.query', 'layers.{i}.attention.key', 'layers.{i}.attention.value']
    return [
      weight('embedding.tokens', 'transformer.wte', 'token_embd'),
      weight('embedding.positions', 'transformer.wpe', 'position_embd'),
      weight('layers.{i}.attention_norm', 'transformer.h.{i}.ln_1', 'blk.{i}.attn_norm'),
      weight(
        attention,
        { names: 'transformer.h.{i}.attn.c_attn', store: [joined, ...transposed] },
        { names: 'blk.{i}.attn_qkv', store: [joined] },
      ),
      weight('layers.{i}.attention.output', { names: 'transformer.h.{i}.attn.c_proj', store: transposed }, 'blk.{i}.attn_output'),
      weight('layers.{i}.feed_forward_norm', 'transformer.h.{i}.ln_2', 'blk.{i}.ffn_norm'),
      weight('layers.{i}.feed_forward.up', { names: 'transformer.h.{i}.mlp.c_fc', store: transposed }, 'blk.{i}.ffn_up'),
      weight('layers.{i}.feed_forward.down', { names: 'transformer.h.{i}.mlp.c_proj', store: transposed }, 'blk.{i}.ffn_down'),
      weight('output_norm', 'transformer.ln_f', 'output_norm'),
      weight('output', 'lm_head', 'output'),
    ]
  },
  vocabulary: () => ({ preferredPre: 'gpt-2' }),
  notices: (config) => exactGeluNotices(config, 'logits'),
})
