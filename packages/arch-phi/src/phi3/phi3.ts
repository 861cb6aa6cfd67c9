// Phi-3, Phi-3.5 and Phi-4-mini: Llama's shape with query, key and value in one matrix, gate and up in another, and longrope.
// Facts: transformers modeling_phi3.py; llama.cpp conversion/phi.py and src/models/phi3.cpp.
import { type DecoderSpec, defineArch, type Notice } from '@fs/arch'
import { attentionSpec, decoderFrame, halfSplitRope, preNormLayer, rmsNorm } from '@fs/arch/common-decoder'
import {
  activation,
  activationNamed,
  contextLength,
  feedForwardWidth,
  fileType,
  heads,
  hiddenSize,
  keyValueHeads,
  layers,
  rmsEpsilon,
  untiedHead,
  vocabularySize,
} from '@fs/arch/common-fields'
import { embeddingAndHead, preNorms } from '@fs/arch/common-weights'
import { type ConfigOf, type Field, integer, observed } from '@fs/arch/fields'
import { rotatedPart } from '@fs/arch/rope'
import type { Transform } from '@fs/arch/transforms'
import { weight } from '@fs/arch/weights'
import { longRopeNotices, longRopeTensors, phi3Rope } from './rope.ts'

const originalContextLength = () =>
  integer({
    huggingFace: [
      'original_max_position_embeddings',
      'rope_parameters.original_max_position_embeddings',
      'rope_scaling.original_max_position_embeddings',
    ],
    gguf: 'rope.scaling.original_context_length',
    missing: 4096,
  })

/** Zero in GGUF means none. llama.cpp does not use it at run time (src/models/phi3.cpp). */
const slidingWindow = (): Field<number | null> =>
  observed<number | null>({
    fromHuggingFace: (view) => view.integer('sliding_window') ?? null,
    fromGguf: (view) => view.number('attention.sliding_window') || null,
    toHuggingFace: (sliding_window) => ({ sliding_window }),
    toGguf: (window) => [['attention.sliding_window', { type: 'UINT32', value: window ?? 0 }]],
  })

const fields = {
  contextLength: contextLength(4096),
  originalContextLength: originalContextLength(),
  hiddenSize: hiddenSize(),
  feedForwardWidth: feedForwardWidth(),
  layers: layers(),
  heads: heads(),
  keyValueHeads: keyValueHeads(),
  epsilon: rmsEpsilon(1e-5),
  rotated: rotatedPart('partial_rotary_factor', 1, (share, hidden, count) => Math.floor(Math.floor(share * hidden) / count)),
  rope: phi3Rope(),
  fileType: fileType(),
  window: slidingWindow(),
  vocabularySize: vocabularySize(),
  activation: activation('silu'),
  untied: untiedHead(),
}

type Config = ConfigOf<typeof fields>

function describe(config: Config): DecoderSpec {
  const { heads, keyValueHeads, rope, rotated } = config
  const norm = rmsNorm(config.epsilon)
  const layer = preNormLayer(norm, {
    attention: attentionSpec({
      heads,
      keyValueHeads,
      headDimension: config.hiddenSize / heads,
      window: config.window,
      position: halfSplitRope(rotated.dimensions, rope),
    }),
    feedForward: { kind: 'glu', width: config.feedForwardWidth, activation: activationNamed(config.activation), bias: false },
  })
  return { ...decoderFrame(config), layers: Array.from({ length: config.layers }, () => layer), outputNorm: norm }
}

/** Rows of the fused matrices, both in the checkpoint and in GGUF, where they stay fused. */
function fused(config: Config): { readonly attention: readonly Transform[]; readonly gateUp: readonly Transform[] } {
  const size = config.hiddenSize / config.heads
  const keyRows = config.keyValueHeads * size
  return {
    attention: [{ kind: 'join', rows: [config.heads * size, keyRows, keyRows] }],
    gateUp: [{ kind: 'join', rows: [config.feedForwardWidth, config.feedForwardWidth] }],
  }
}

function windowNotices(window: number | null, contextLength: number): readonly Notice[] {
  if (window === null || window >= contextLength) return []
  const message = `the model attends to the last ${window} tokens only; llama.cpp ignores that for Phi-3, so its answers differ from the original's on prompts longer than ${window} tokens`
  return [{ code: 'gguf/sliding-window', message }]
}

export const phi3 = defineArch({
  id: 'phi3',
  title: 'Phi-3',
  ggufArchitecture: 'phi3',
  huggingFaceArchitectures: ['Phi3ForCausalLM'],
  modelTypes: ['phi3'],
  checkpoints: ['microsoft/Phi-3-mini-4k-instruct', 'microsoft/Phi-3.5-mini-instruct', 'microsoft/Phi-4-mini-instruct'],
  fields,
  describe,
  weights: (config) => {
    const { attention, gateUp } = fused(config)
    const layer = 'layers.{i}'
    return [
      ...embeddingAndHead(),
      ...preNorms(),
      weight(
        [`${layer}.attention.query`, `${layer}.attention.key`, `${layer}.attention.value`],
        { names: 'model.layers.{i}.self_attn.qkv_proj', store: attention },
        { names: 'blk.{i}.attn_qkv', store: attention },
      ),
      weight(`${layer}.attention.output`, 'model.layers.{i}.self_attn.o_proj', 'blk.{i}.attn_output'),
      weight(
        [`${layer}.feed_forward.gate`, `${layer}.feed_forward.up`],
        { names: 'model.layers.{i}.mlp.gate_up_proj', store: gateUp },
        { names: 'blk.{i}.ffn_up', store: gateUp },
      ),
      weight(`${layer}.feed_forward.down`, 'model.layers.{i}.mlp.down_proj', 'blk.{i}.ffn_down'),
    ]
  },
  derivedTensors: ({ rope }) => longRopeTensors(rope),
  vocabulary: () => ({ preferredPre: 'gpt-4o', addedTokens: 'tokenizer.json' }),
  notices: ({ window, contextLength, rope }) => [...windowNotices(window, contextLength), ...longRopeNotices(rope, contextLength)],
})
