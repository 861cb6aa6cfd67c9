// Mixtral: Mistral with a mixture of experts in place of each feed-forward half. GGUF stores it as `llama` with experts.
// Facts: transformers modeling_mixtral.py; llama.cpp conversion/llama.py and src/models/llama.cpp.
import { type DecoderSpec, defineArch } from '@fs/arch'
import { attentionSpec, decoderFrame, halfSplitRope, preNormLayer, rmsNorm } from '@fs/arch/common-decoder'
import { expertCount, expertsUsed, expertWeights } from '@fs/arch/common-experts'
import { activationNamed, contextLength, fileType, headDimensionOfGguf, rmsEpsilon } from '@fs/arch/common-fields'
import { embeddingAndHead, interleavedAttention, preNorms } from '@fs/arch/common-weights'
import { type ConfigOf, integer } from '@fs/arch/fields'
import { rope } from '@fs/arch/rope'
import { llamaFields } from '../llama/fields.ts'
import { llamaAliases } from '../llama/names.ts'
import { llamaRopeFactors } from '../llama/rope-factors.ts'

const common = llamaFields()

/** Head sizes are written only where config.json has one: transformers' MixtralConfig fills none in. */
const statedHeadDimension = () =>
  integer({
    huggingFace: 'head_dim',
    gguf: 'attention.key_length',
    alsoGguf: ['attention.value_length'],
    missing: 0,
    missingGguf: 0,
    omitGguf: (size) => size === 0,
  })

const fields = {
  layers: common.layers,
  contextLength: contextLength(131072),
  hiddenSize: common.hiddenSize,
  feedForwardWidth: common.feedForwardWidth,
  heads: common.heads,
  keyValueHeads: common.keyValueHeads,
  rope: rope({ dimensions: headDimensionOfGguf, missingBase: 1e6 }),
  epsilon: rmsEpsilon(1e-5),
  experts: expertCount(8),
  expertsUsed: expertsUsed(2),
  statedHeadDimension: statedHeadDimension(),
  fileType: fileType(),
  vocabularySize: common.vocabularySize,
  ropeDimensions: common.ropeDimensions,
  activation: common.activation,
  untied: common.untied,
}

type Config = ConfigOf<typeof fields>

function describe(config: Config): DecoderSpec {
  const { heads, keyValueHeads, ropeDimensions: size, rope: rotation } = config
  const norm = rmsNorm(config.epsilon)
  const layer = preNormLayer(norm, {
    attention: attentionSpec({
      heads,
      keyValueHeads,
      headDimension: size,
      position: halfSplitRope(size, rotation),
    }),
    feedForward: {
      kind: 'mixture',
      experts: config.experts,
      expertsUsed: config.expertsUsed,
      width: config.feedForwardWidth,
      activation: activationNamed(config.activation),
      normalizeWeights: true,
    },
  })
  return { ...decoderFrame(config), layers: Array.from({ length: config.layers }, () => layer), outputNorm: norm }
}

export const mixtral = defineArch({
  id: 'mixtral',
  title: 'Mixtral',
  ggufArchitecture: 'llama',
  huggingFaceArchitectures: ['MixtralForCausalLM'],
  modelTypes: ['mixtral'],
  checkpoints: ['mistralai/Mixtral-8x7B-Instruct-v0.1'],
  matchesGguf: (view) => (view.number('expert_count') ?? 0) > 0,
  aliases: llamaAliases,
  fields,
  describe,
  weights: (config) => [
    ...embeddingAndHead(),
    ...interleavedAttention(config.heads, config.keyValueHeads),
    ...preNorms(),
    ...expertWeights(
      {
        router: 'block_sparse_moe.gate',
        gate: 'block_sparse_moe.experts.{e}.w1',
        up: 'block_sparse_moe.experts.{e}.w3',
        down: 'block_sparse_moe.experts.{e}.w2',
      },
      config.experts,
    ),
  ],
  derivedTensors: llamaRopeFactors,
  vocabulary: () => ({ preferredPre: 'llama-bpe', spacePrefixFromTokenizerConfig: true }),
})
