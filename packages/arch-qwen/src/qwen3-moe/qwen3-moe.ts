// Qwen3-MoE: Qwen3 with a mixture of experts in place of each feed-forward half.
// Facts: transformers modeling_qwen3_moe.py; llama.cpp conversion/qwen.py and src/models/qwen3moe.cpp.
import { archError, type DecoderSpec, defineArch, type HuggingFaceView } from '@fs/arch'
import { decoderFrame, preNormLayer, rmsNorm } from '@fs/arch/common-decoder'
import { expertCount, expertsUsed, expertWeights } from '@fs/arch/common-experts'
import { activationNamed, fileType } from '@fs/arch/common-fields'
import { attention, embeddingAndHead, preNorms, queryKeyNorms } from '@fs/arch/common-weights'
import { boolean, type ConfigOf, type Field, integer } from '@fs/arch/fields'
import { qwen3Attention, qwen3Fields } from '../qwen3/qwen3.ts'

/** Every layer is a mixture in every published model; a checkpoint with plain layers between them is refused, not bent. */
const plainLayers = (): Field<null> => ({
  fromHuggingFace: (view: HuggingFaceView) => {
    const plain = view.get('mlp_only_layers')
    if ((Array.isArray(plain) && plain.length > 0) || (view.integer('decoder_sparse_step') ?? 1) !== 1) {
      throw archError(
        'arch/not-expressible',
        'config.json: mlp_only_layers or decoder_sparse_step give some layers no experts, which llama.cpp cannot run',
        {},
      )
    }
    return null
  },
  toHuggingFace: () => ({ decoder_sparse_step: 1, mlp_only_layers: [] }),
  fromGguf: () => null,
  toGguf: () => [],
})

const { headDimension, fileType: _fileType, epsilon, rope, ...rest } = qwen3Fields()

const fields = {
  ...rest,
  rope,
  epsilon,
  experts: expertCount(128),
  expertsUsed: expertsUsed(8),
  headDimension,
  fileType: fileType(),
  expertWidth: integer({ huggingFace: 'moe_intermediate_size', gguf: 'expert_feed_forward_length', missing: 768 }),
  // llama.cpp always scales the chosen weights to one (src/models/qwen3moe.cpp); published configurations say so too.
  normalizeWeights: boolean({ huggingFace: 'norm_topk_prob', missing: false, missingGguf: true }),
  plainLayers: plainLayers(),
}

type Config = ConfigOf<typeof fields>

function describe(config: Config): DecoderSpec {
  const norm = rmsNorm(config.epsilon)
  const feedForward = {
    kind: 'mixture',
    experts: config.experts,
    expertsUsed: config.expertsUsed,
    width: config.expertWidth,
    activation: activationNamed(config.activation),
    normalizeWeights: config.normalizeWeights,
  } as const
  return {
    ...decoderFrame(config),
    layers: Array.from({ length: config.layers }, (_, layer) =>
      preNormLayer(norm, { attention: qwen3Attention(config, layer), feedForward }),
    ),
    outputNorm: norm,
  }
}

export const qwen3Moe = defineArch({
  id: 'qwen3-moe',
  title: 'Qwen3 MoE',
  ggufArchitecture: 'qwen3moe',
  huggingFaceArchitectures: ['Qwen3MoeForCausalLM'],
  modelTypes: ['qwen3_moe'],
  checkpoints: ['Qwen/Qwen3-30B-A3B'],
  fields,
  describe,
  weights: (config) => [
    ...embeddingAndHead(),
    ...attention(),
    ...queryKeyNorms(),
    ...preNorms(),
    ...expertWeights(
      { router: 'mlp.gate', gate: 'mlp.experts.{e}.gate_proj', up: 'mlp.experts.{e}.up_proj', down: 'mlp.experts.{e}.down_proj' },
      config.experts,
    ),
  ],
  vocabulary: () => ({ preferredPre: 'qwen2' }),
  notices: ({ normalizeWeights }) =>
    normalizeWeights
      ? []
      : [
          {
            code: 'gguf/expert-weights',
            message: 'norm_topk_prob is off, but llama.cpp always scales the weights of the chosen experts to one: its answers will differ',
          },
        ],
})
