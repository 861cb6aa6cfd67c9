// The type of every tensor in a quantized file, as llama-quantize decides it: the user's options, the file type's rules, the shapes.
// Nothing is read or written here.
import { GGML_TYPES, type GgmlType } from '@fs/core'
import { quantError } from '../errors.ts'
import { FILE_TYPES, type FileType } from './file-types.ts'
import { type Mixture, mixtureType, startMixture } from './mixture-type.ts'
import { isQuantizable } from './quantizable.ts'
import { type RecipeModel, type RecipeTensor, roleOfTensor } from './recipe-model.ts'

export type RecipeOptions = {
  /** Every quantizable tensor gets the default type, where its shape allows. */
  readonly pure?: boolean
  /** Keeps `output.weight` as it is. */
  readonly leaveOutputTensor?: boolean
  /** The type of `output.weight`; without one, of the token embedding that doubles as output. */
  readonly outputTensorType?: GgmlType
  readonly tokenEmbeddingType?: GgmlType
  /** The first pattern found anywhere in a tensor's name gives its type, before any rule. Only for quantized file types. */
  readonly tensorTypes?: readonly { readonly pattern: RegExp; readonly type: GgmlType }[]
  /** An importance matrix will be used. */
  readonly hasImportance?: boolean
  /** Tensors that are quantized already may be quantized again. */
  readonly allowRequantize?: boolean
}

export type TensorChoice = {
  readonly name: string
  readonly type: GgmlType
  /** True where llama-quantize refuses to work without importance weights for this tensor. */
  readonly requiresImportance: boolean
  /** The type that was meant, where the row length is not a multiple of its blocks. */
  readonly insteadOf?: GgmlType
}

/**
 * Chooses a type for each tensor of a model, in order.
 * @throws FsError `recipe/requantize` when a quantized tensor would change its type and that is not allowed; `recipe/shape` when a tensor's rows
 * fit neither the type nor any substitute llama-quantize knows; `recipe/layer` when a rule needs a layer number the name does not have.
 */
export function chooseTensorTypes(model: RecipeModel, fileType: FileType, options: RecipeOptions = {}): TensorChoice[] {
  const mixture = startMixture(model, fileType, options)
  return model.tensors.map((tensor) => {
    if (!isQuantizable(tensor) || (options.leaveOutputTensor === true && tensor.name === 'output.weight')) {
      return { name: tensor.name, type: tensor.type, requiresImportance: false }
    }
    const choice = chooseOne(tensor, mixture)
    if (choice.type !== tensor.type && isQuantized(tensor.type) && options.allowRequantize !== true) {
      const message = `Tensor '${tensor.name}' is quantized already (${tensor.type}) and would lose more as ${choice.type}; start from the unquantized model, or say --allow-requantize.`
      throw quantError('recipe/requantize', message, { tensor: tensor.name, from: tensor.type, to: choice.type })
    }
    return choice
  })
}

function chooseOne(tensor: RecipeTensor, mixture: Mixture): TensorChoice {
  const { fileType, options } = mixture
  const { defaultType } = FILE_TYPES[fileType]
  const role = roleOfTensor(tensor.name)
  const named = options.tensorTypes?.find(({ pattern }) => tensor.name.search(pattern) >= 0)
  const explicit =
    role === 'tokenEmbedding' && !(named !== undefined && tensor.name === 'per_layer_token_embd.weight')
      ? options.tokenEmbeddingType
      : role === 'output'
        ? options.outputTensorType
        : undefined
  if (explicit !== undefined) return choiceOf(tensor, fileType, explicit)
  if (!isQuantized(defaultType)) return choiceOf(tensor, fileType, defaultType)

  const meant = named?.type ?? (options.pure === true ? defaultType : mixtureType(tensor, mixture))
  const fitting = fittingType(tensor, meant)
  return fitting === meant ? choiceOf(tensor, fileType, meant) : { ...choiceOf(tensor, fileType, fitting), insteadOf: meant }
}

/** Types too coarse to be any good without importance weights (`tensor_requires_imatrix`, llama-quant.cpp). */
const NEEDS_IMPORTANCE: ReadonlySet<GgmlType> = new Set<GgmlType>(['IQ1_S', 'IQ1_M', 'IQ2_XXS', 'IQ2_XS', 'IQ2_S', 'IQ3_XXS'])

function choiceOf(tensor: RecipeTensor, fileType: FileType, type: GgmlType): TensorChoice {
  const role = roleOfTensor(tensor.name)
  const isCoarse = NEEDS_IMPORTANCE.has(type) || (type === 'Q2_K' && fileType === 'Q2_K_S')
  return { name: tensor.name, type, requiresImportance: isCoarse && role !== 'output' && role !== 'tokenEmbedding' }
}

/** What stands in for a type whose blocks are longer than 32 when a row is not a multiple of them (`tensor_type_fallback`, llama-quant.cpp). */
const SUBSTITUTES: { readonly [Type in GgmlType]?: GgmlType } = {
  IQ1_S: 'IQ4_NL',
  IQ1_M: 'IQ4_NL',
  IQ2_XXS: 'IQ4_NL',
  IQ2_XS: 'IQ4_NL',
  IQ2_S: 'IQ4_NL',
  IQ3_XXS: 'IQ4_NL',
  IQ3_S: 'IQ4_NL',
  IQ4_XS: 'IQ4_NL',
  Q2_0: 'Q4_0',
  Q2_K: 'Q4_0',
  Q3_K: 'Q4_0',
  TQ1_0: 'Q4_0',
  TQ2_0: 'Q4_0',
  Q4_K: 'Q5_0',
  Q5_K: 'Q5_1',
  Q6_K: 'Q8_0',
}

function fittingType(tensor: RecipeTensor, type: GgmlType): GgmlType {
  const columns = tensor.shape.at(-1) ?? 1
  const { blockSize } = GGML_TYPES[type]
  if (columns % blockSize === 0) return type
  const substitute = blockSize <= 32 ? type : SUBSTITUTES[type]
  if (substitute === undefined) {
    const message = `Rows of tensor '${tensor.name}' have ${columns} numbers, not a multiple of ${blockSize}, and ${type} has no substitute; name another type for it.`
    throw quantError('recipe/shape', message, { tensor: tensor.name, type, columns, blockSize })
  }
  return columns % GGML_TYPES[substitute].blockSize === 0 ? substitute : 'F16'
}

/** Block types, as opposed to plain numbers. */
function isQuantized(type: GgmlType): boolean {
  return GGML_TYPES[type].blockSize > 1
}
