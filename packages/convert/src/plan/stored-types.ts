// Types for a checkpoint that is in ggml's blocks already, though in no GGUF: what was quantized once is not quantized twice.
// What new types would be chosen is in `tensor-types.ts`.
import { compileChain } from '@fs/arch/rows'
import { elementCount, GGML_TYPES, type GgmlType, isGgmlType } from '@fs/core'
import { chooseConvertTypes, FILE_TYPES, parseFileType } from '@fs/quant/recipes'
import { isComputed } from '../source-tensor.ts'
import type { ResultTensor } from './result-tensors.ts'
import type { ChosenTypes } from './tensor-types.ts'

/**
 * Blocks as they are stored; what is no block, or is not merely moved, becomes what the converter writes for F16.
 * @returns undefined where nothing is in blocks
 */
export function storedTypes(tensors: readonly ResultTensor[]): ChosenTypes | undefined {
  const types = new Map<string, { readonly type: GgmlType }>(chooseConvertTypes(tensors, 'F16').map(({ name, type }) => [name, { type }]))
  const elements = new Map<GgmlType, number>()
  for (const tensor of tensors) {
    const type = keptType(tensor)
    if (type === undefined) continue
    types.set(tensor.name, { type })
    elements.set(type, (elements.get(type) ?? 0) + elementCount(tensor.shape))
  }
  const [most] = [...elements].sort((left, right) => right[1] - left[1])
  if (most === undefined) return undefined
  const fileType = parseFileType(most[0])
  return { name: fileType, fileType: FILE_TYPES[fileType].id, types, order: 'source', notices: [] }
}

/** The block type a tensor has and keeps, as its rows are only moved. */
export function keptType({ inputs, chain, part }: ResultTensor): GgmlType | undefined {
  const [only] = inputs
  if (only === undefined || inputs.length > 1 || isComputed(only)) return undefined
  if (!isGgmlType(only.type) || GGML_TYPES[only.type].blockSize === 1) return undefined
  const output = compileChain(chain, [only.shape])[part]!
  return output.transposed || output.add !== 0 ? undefined : only.type
}
