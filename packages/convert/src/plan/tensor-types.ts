// Which type each tensor of an output gets. The rules are llama.cpp's, in `@fs/quant/recipes`: its converter's for plain types of a
// checkpoint, its quantizer's for everything else.
import type { Notice } from '@fs/arch'
import { GGML_TYPES, type GgmlType } from '@fs/core'
import {
  chooseConvertTypes,
  chooseTensorTypes,
  compareTensorNames,
  FILE_TYPES,
  type FileType,
  type OutType,
  parseFileType,
  type RecipeModel,
  type RecipeOptions,
  type RecipeTensor,
  resolveAutoType,
  type TensorChoice,
} from '@fs/quant/recipes'
import { convertError } from '../errors.ts'
import type { OpenedModel } from '../open-model.ts'
import type { Importance } from './importance.ts'
import type { ResultTensor } from './result-tensors.ts'

/** A recipe's options, and the importance matrix its types may use. */
export type TypeOptions = Omit<RecipeOptions, 'hasImportance'> & { readonly importance?: Importance }

export type ChosenTypes = {
  /** The file type's name, for file names and people: `Q4_K_M`. */
  readonly name: string
  /** `general.file_type`. */
  readonly fileType: number
  readonly types: ReadonlyMap<string, { readonly type: GgmlType; readonly importance?: number }>
  /** The converter keeps the checkpoint's order; the quantizer sorts. */
  readonly order: 'source' | 'sorted'
  readonly notices: readonly Notice[]
}

/** What the rules need to know of a model beside its tensors. */
export type RecipeFacts = Omit<RecipeModel, 'tensors'>

export function recipeFacts({ description }: OpenedModel): RecipeFacts {
  const { spec, architecture } = description
  const { attention, feedForward } = spec.layers[0]!
  return {
    architecture: architecture.ggufArchitecture,
    layers: spec.layers.length,
    headCount: attention.heads,
    headCountKv: attention.keyValueHeads,
    expertCount: feedForward.kind === 'mixture' ? feedForward.experts : 0,
  }
}

/** Types that llama.cpp's converter writes itself; for the ternary ones, which it knows too, the quantizer's better mixture is taken. */
const CONVERTER_TYPES = ['F32', 'F16', 'BF16', 'Q8_0', 'auto'] as const satisfies readonly OutType[]

const converterType = (quant: string) => CONVERTER_TYPES.find((name) => name.toLowerCase() === quant.toLowerCase())

/** Whether a type is one that the converter writes as it reads, without a mixture. */
export function isConverterType(quant: string, options: TypeOptions): boolean {
  return converterType(quant) !== undefined && !hasRecipe(options)
}

function hasRecipe(options: TypeOptions): boolean {
  return options.outputTensorType !== undefined || options.tokenEmbeddingType !== undefined || (options.tensorTypes?.length ?? 0) > 0
}

/** The converter's types (`f32 f16 bf16 q8_0 auto`) for a checkpoint that was no GGUF. */
export function converterTypes(tensors: readonly ResultTensor[], quant: string): ChosenTypes {
  const named = converterType(quant) ?? 'auto'
  const outType = named === 'auto' ? resolveAutoType(tensors.flatMap((tensor) => tensor.inputs)) : named
  const choices = chooseConvertTypes(tensors, outType)
  const types = new Map(choices.map(({ name, type }) => [name, { type }]))
  return { name: outType, fileType: FILE_TYPES[outType].id, types, order: 'source', notices: substitutionNotices(choices) }
}

/** Tensors as the converter's float32 file would hold them: what llama-quantize starts from. */
export function asFloat32(tensors: readonly ResultTensor[]): readonly RecipeTensor[] {
  const types = new Map(chooseConvertTypes(tensors, 'F32').map(({ name, type }) => [name, type]))
  return tensors.map(({ name, shape }) => ({ name, shape, type: types.get(name)! }))
}

/**
 * llama-quantize's types for tensors as they are in a GGUF, or would be.
 * @param importance the plan's list of importance vectors, to which this output's are added
 * @throws FsError `recipe/file-type`, `convert/unknown-type`, `convert/importance-missing`, and what the recipes refuse
 */
export function quantizerTypes(
  facts: RecipeFacts,
  tensors: readonly RecipeTensor[],
  quant: string,
  options: TypeOptions,
  importance: Float32Array[],
): ChosenTypes {
  const fileType = parseFileType(quant)
  const sorted = [...tensors].sort((left, right) => compareTensorNames(left.name, right.name))
  const choices = chooseTensorTypes({ ...facts, tensors: sorted }, fileType, {
    ...options,
    hasImportance: options.importance !== undefined,
  })
  const missing = choices.find((choice) => choice.requiresImportance && options.importance?.weightsFor(choice.name) === undefined)
  if (missing !== undefined) {
    throw convertError(
      'convert/importance-missing',
      `${fileType} needs an importance matrix for ${missing.name} to be any good; make one with imatrix and pass it with --imatrix`,
      {
        tensor: missing.name,
        type: missing.type,
      },
    )
  }
  const shapes = new Map(tensors.map((tensor) => [tensor.name, tensor.shape]))
  const types = new Map<string, { type: GgmlType; importance?: number }>()
  for (const { name, type } of choices) {
    const weights = isGgmlBlock(type) ? options.importance?.weightsFor(name, shapes.get(name)) : undefined
    types.set(name, weights === undefined ? { type } : { type, importance: importance.push(weights) - 1 })
  }
  const notices = [...patternNotices(fileType, tensors, options), ...substitutionNotices(choices)]
  return { name: fileType, fileType: FILE_TYPES[fileType].id, types, order: 'sorted', notices }
}

/** Patterns that change nothing: mistyped, or of another family's names. llama-quantize says nothing of them. */
function patternNotices(fileType: FileType, tensors: readonly RecipeTensor[], { tensorTypes = [] }: TypeOptions): readonly Notice[] {
  if (tensorTypes.length > 0 && !isGgmlBlock(FILE_TYPES[fileType].defaultType))
    return [
      { code: 'convert/patterns-ignored', message: `${fileType} is no quantized type, so the types asked for by tensor name do not count` },
    ]
  return tensorTypes
    .filter(({ pattern }) => !tensors.some(({ name }) => name.search(pattern) >= 0))
    .map(({ pattern, type }) => ({
      code: 'convert/pattern-unmatched',
      message: `no tensor's name matches ${pattern.source}, so nothing becomes ${type} by it`,
    }))
}

const isGgmlBlock = (type: GgmlType): boolean => GGML_TYPES[type].blockSize > 1

/** Tensors whose rows do not divide into the wanted blocks get another type; people should know which. */
function substitutionNotices(choices: readonly Pick<TensorChoice, 'name' | 'type' | 'insteadOf'>[]): readonly Notice[] {
  const substituted = choices.filter((choice) => choice.insteadOf !== undefined)
  if (substituted.length === 0) return []
  const { name, type, insteadOf } = substituted[0]!
  const others = substituted.length > 1 ? ` and ${substituted.length - 1} more` : ''
  return [
    {
      code: 'convert/type-substituted',
      message: `${name}${others}: rows are not whole ${insteadOf} blocks, so ${type} is written instead`,
    },
  ]
}
