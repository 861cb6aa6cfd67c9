// One tensor's type by the rules of its file type, before shapes are looked at: picks the table for its role, and counts.
// The tables are in `tensor-rules.ts`.
import { GGML_TYPES, type GgmlType } from '@fs/core'
import { quantError } from '../errors.ts'
import type { RecipeOptions } from './choose-tensor-types.ts'
import { FILE_TYPES, type FileType } from './file-types.ts'
import { layerOfTensor, type RecipeModel, type RecipeTensor, roleOfTensor } from './recipe-model.ts'
import {
  ATTENTION_KEY_AND_QUERY_RULES,
  ATTENTION_OUTPUT_RULES,
  ATTENTION_VALUE_RULES,
  applyRule,
  EIGHT_EXPERTS_OUTPUT_FILES,
  FEED_FORWARD_DOWN_RULES,
  FEED_FORWARD_GATE_AND_UP_RULES,
  LOW_BIT_FILES,
  OUTPUT_TYPES,
  type Situation,
  TOKEN_EMBEDDING_RULES,
} from './tensor-rules.ts'

/** What is the same for all tensors of a file, and how far the counting has come. */
export type Mixture = {
  readonly model: RecipeModel
  readonly fileType: FileType
  readonly options: RecipeOptions
  /** No `output.weight`: the token embedding is the output matrix too. */
  readonly isTied: boolean
  readonly valueProjections: number
  /** How many tensors of each counted role the rules have decided so far; tensors decided by the user do not count. */
  readonly counters: { attentionValue: number; feedForwardDown: number; feedForwardGate: number; feedForwardUp: number }
}

export function startMixture(model: RecipeModel, fileType: FileType, options: RecipeOptions): Mixture {
  return {
    model,
    fileType,
    options,
    isTied: !model.tensors.some(({ name }) => name === 'output.weight'),
    valueProjections: model.tensors.filter(({ name }) => roleOfTensor(name) === 'attentionValue').length,
    counters: { attentionValue: 0, feedForwardDown: 0, feedForwardGate: 0, feedForwardUp: 0 },
  }
}

/** Applies the file type's rules to one tensor, and advances the counters. */
export function mixtureType(tensor: RecipeTensor, mixture: Mixture): GgmlType {
  const { model, fileType, options, counters } = mixture
  const { defaultType } = FILE_TYPES[fileType]
  const role = roleOfTensor(tensor.name)
  if (role === 'output' || (role === 'tokenEmbedding' && mixture.isTied)) {
    return options.outputTensorType ?? outputType(model, tensor, fileType)
  }
  if (fileType === 'MXFP4_MOE') return isExpertStack(model, tensor) ? 'MXFP4' : 'Q8_0'

  const situation: Situation = {
    groupedQueries: model.headCountKv === 0 ? 0 : Math.floor(model.headCount / model.headCountKv),
    expertCount: model.expertCount,
    isFalcon: model.architecture === 'falcon',
    hasImportance: options.hasImportance === true,
    index: 0,
    count: model.layers,
  }
  const isLowBit = LOW_BIT_FILES.has(fileType)
  const hasEightExperts = model.expertCount === 8
  switch (role) {
    case 'tokenEmbedding':
      return applyRule(TOKEN_EMBEDDING_RULES, fileType, situation) ?? defaultType
    case 'attentionValue': {
      const placed = { ...situation, index: counters.attentionValue++, count: mixture.valueProjections }
      const type = applyRule(ATTENTION_VALUE_RULES, fileType, placed) ?? defaultType
      if (isLowBit) return type
      if (hasEightExperts) return 'Q8_0'
      return is70B(model) && (type === 'Q3_K' || type === 'Q4_K') ? 'Q5_K' : type
    }
    case 'attentionKey':
      if (hasEightExperts) return isLowBit ? 'Q4_K' : 'Q8_0'
      return applyRule(ATTENTION_KEY_AND_QUERY_RULES, fileType, situation) ?? defaultType
    case 'attentionQuery':
      return applyRule(ATTENTION_KEY_AND_QUERY_RULES, fileType, situation) ?? defaultType
    case 'attentionOutput':
      if (situation.isFalcon && !isLowBit) return fileType === 'Q3_K_L' ? 'Q4_K' : defaultType
      if (hasEightExperts) return EIGHT_EXPERTS_OUTPUT_FILES.has(fileType) ? 'Q5_K' : defaultType
      return applyRule(ATTENTION_OUTPUT_RULES, fileType, situation) ?? defaultType
    case 'feedForwardDown':
    case 'feedForwardGate':
    case 'feedForwardUp': {
      const rules = role === 'feedForwardDown' ? FEED_FORWARD_DOWN_RULES : FEED_FORWARD_GATE_AND_UP_RULES
      const counted = counters[role]++
      const index = model.expertCount > 1 && !isLowBit ? layerInRange(model, tensor) : counted
      return applyRule(rules, fileType, { ...situation, index }) ?? defaultType
    }
    case 'other':
      return defaultType
    default:
      return role satisfies never
  }
}

function outputType(model: RecipeModel, tensor: RecipeTensor, fileType: FileType): GgmlType {
  const { blockSize } = GGML_TYPES[FILE_TYPES[fileType].defaultType]
  const columns = tensor.shape.at(-1) ?? 1
  if (model.architecture === 'falcon' || columns % blockSize !== 0) return 'Q8_0'
  return OUTPUT_TYPES[fileType] ?? 'Q6_K'
}

/** Experts of a layer lie in one tensor of three dimensions; in one family other projections do too, so there the name decides as well. */
function isExpertStack(model: RecipeModel, tensor: RecipeTensor): boolean {
  const stacked = tensor.shape.at(-3) ?? 1
  if (stacked <= 1) return false
  return model.architecture !== 'bailingmoe3' || roleOfTensor(tensor.name).startsWith('feedForward')
}

/** Feed-forward tensors of experts are not consecutive in every file, so a layer is read off the name. */
function layerInRange(model: RecipeModel, tensor: RecipeTensor): number {
  const layer = layerOfTensor(tensor.name)
  if (layer === undefined || layer >= model.layers) {
    const message = `The name of tensor '${tensor.name}' has no layer below ${model.layers}, which the recipe for experts goes by; check the block count.`
    throw quantError('recipe/layer', message, { tensor: tensor.name, layers: model.layers })
  }
  return layer
}

/** The architectures and depths that llama.cpp calls a 70B model (`LLM_TYPE_70B` in src/models). */
const LAYERS_OF_70B: { readonly [architecture: string]: number } = { llama: 80, qwen2: 80, deci: 80, olmo: 80, jais2: 68 }

function is70B({ architecture, layers, headCount, headCountKv }: RecipeModel): boolean {
  if (architecture === 'llama' && headCount === headCountKv) return false
  return Object.hasOwn(LAYERS_OF_70B, architecture) && LAYERS_OF_70B[architecture] === layers
}
