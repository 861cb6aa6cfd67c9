// GPT-NeoX and Pythia: attention and feed-forward side by side with a layer norm each, rotation of a part of each head,
// query, key and value interleaved head by head in one matrix.
// Facts: transformers modeling_gpt_neox.py; llama.cpp conversion/gptneox.py and src/models/gptneox.cpp.
import { type DecoderSpec, defineArch } from '@fs/arch'
import { attentionSpec, decoderFrame, halfSplitRope, preNormLayer } from '@fs/arch/common-decoder'
import {
  activation,
  activationNamed,
  contextLength,
  feedForwardWidth,
  heads,
  hiddenSize,
  layerNormEpsilon,
  layers,
  vocabularySize,
} from '@fs/arch/common-fields'
import { exactGeluNotices } from '@fs/arch/exact-gelu'
import { boolean, type ConfigOf } from '@fs/arch/fields'
import { rope, rotatedPart } from '@fs/arch/rope'
import { weight } from '@fs/arch/weights'
import { joinedByHead } from '../joined-attention.ts'

const fields = {
  contextLength: contextLength(2048),
  hiddenSize: hiddenSize(),
  layers: layers(),
  feedForwardWidth: feedForwardWidth(),
  rotated: rotatedPart('rotary_pct', 0.25, (share, hidden, count) => Math.floor(share * Math.floor(hidden / count))),
  heads: heads(),
  parallel: boolean({ huggingFace: 'use_parallel_residual', gguf: 'use_parallel_residual', missing: true, missingGguf: true }),
  epsilon: layerNormEpsilon(),
  rope: rope({ dimensions: (view) => view.number('rope.dimension_count') ?? 0, omitBase: true }),
  vocabularySize: vocabularySize('gpt_neox.embed_in.weight'),
  activation: activation('gelu'),
}

type Config = ConfigOf<typeof fields>

function describe(config: Config): DecoderSpec {
  const norm = { kind: 'layer', epsilon: config.epsilon, bias: true } as const
  const halves = {
    attention: attentionSpec({
      heads: config.heads,
      keyValueHeads: config.heads,
      headDimension: config.hiddenSize / config.heads,
      bias: { query: true, key: true, value: true, output: true },
      position: halfSplitRope(config.rotated.dimensions, config.rope),
    }),
    feedForward: { kind: 'mlp', width: config.feedForwardWidth, activation: activationNamed(config.activation), bias: true },
  } as const
  const layer = config.parallel
    ? ({ kind: 'parallel', attentionNorm: norm, feedForwardNorm: norm, ...halves } as const)
    : preNormLayer(norm, halves)
  return { ...decoderFrame({ ...config, untied: true }), layers: Array.from({ length: config.layers }, () => layer), outputNorm: norm }
}

export const gptNeox = defineArch({
  id: 'gpt-neox',
  title: 'GPT-NeoX',
  ggufArchitecture: 'gptneox',
  huggingFaceArchitectures: ['GPTNeoXForCausalLM'],
  modelTypes: ['gpt_neox'],
  checkpoints: ['EleutherAI/pythia-410m', 'EleutherAI/pythia-1.4b', 'EleutherAI/gpt-neox-20b'],
  // transformers 5 calls the head lm_head, earlier versions embed_out.
  aliases: [[/^lm_head\./, 'embed_out.']],
  fields,
  describe,
  weights: ({ heads, hiddenSize }) => [
    weight('embedding.tokens', 'gpt_neox.embed_in', 'token_embd'),
    weight('layers.{i}.attention_norm', 'gpt_neox.layers.{i}.input_layernorm', 'blk.{i}.attn_norm'),
    weight('layers.{i}.feed_forward_norm', 'gpt_neox.layers.{i}.post_attention_layernorm', 'blk.{i}.ffn_norm'),
    joinedByHead('gpt_neox.layers.{i}.attention.query_key_value', heads, hiddenSize),
    weight('layers.{i}.attention.output', 'gpt_neox.layers.{i}.attention.dense', 'blk.{i}.attn_output'),
    weight('layers.{i}.feed_forward.up', 'gpt_neox.layers.{i}.mlp.dense_h_to_4h', 'blk.{i}.ffn_up'),
    weight('layers.{i}.feed_forward.down', 'gpt_neox.layers.{i}.mlp.dense_4h_to_h', 'blk.{i}.ffn_down'),
    weight('output_norm', 'gpt_neox.final_layer_norm', 'output_norm'),
    weight('output', 'embed_out', 'output'),
  ],
  vocabulary: () => ({ preferredPre: 'olmo' }),
  notices: (config) => exactGeluNotices(config, 'logits'),
})
