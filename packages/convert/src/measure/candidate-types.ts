// Which types a tensor is tried as when a plan has a budget. What they cost and lose is measured in `measure-error.ts`.
import { GGML_TYPES, type GgmlType, isGgmlType } from '@fs/core'
import { isBlockType } from '@fs/quant/block-types'
import { isComputedInput, type TensorJob } from '../plan/conversion-plan.ts'

/** From 2.6 to 8.5 bits a weight; each is the best of its size, or reads faster than those near it. */
const FOR_ANY_TENSOR: readonly GgmlType[] = ['Q2_K', 'Q3_K', 'IQ3_S', 'IQ4_XS', 'Q4_K', 'Q5_K', 'Q6_K', 'Q8_0']
/** Not to be had without importance weights (`tensor_requires_imatrix`, llama-quant.cpp). */
const WITH_IMPORTANCE: readonly GgmlType[] = ['IQ2_XXS', 'IQ2_XS', 'IQ2_S', 'IQ3_XXS']
/** For rows that are whole blocks of 32 and not of 256. */
const FOR_SHORT_ROWS: readonly GgmlType[] = ['IQ4_NL', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q8_0']

/** Types whose blocks fit the tensor's rows, and the type it has: the one that loses nothing. */
export function candidateTypes(job: TensorJob, hasImportance: boolean): readonly GgmlType[] {
  const columns = job.shape.at(-1) ?? 1
  const fitting = (type: GgmlType) => columns % GGML_TYPES[type].blockSize === 0
  const long = hasImportance ? [...WITH_IMPORTANCE, ...FOR_ANY_TENSOR] : FOR_ANY_TENSOR
  const types = columns % 256 === 0 ? long : FOR_SHORT_ROWS.filter(fitting)
  const kept = keptType(job)
  return kept === undefined || types.includes(kept) ? types : [...types, kept]
}

/** The type in which a tensor is stored, where all of it is stored in one. */
export function keptType({ inputs }: TensorJob): GgmlType | undefined {
  const [first] = inputs
  if (first === undefined || inputs.some((input) => isComputedInput(input) || input.type !== first.type)) return undefined
  return isGgmlType(first.type) && isBlockType(first.type) && first.type !== 'Q8_K' ? first.type : undefined
}
