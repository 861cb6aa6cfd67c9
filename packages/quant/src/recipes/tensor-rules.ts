// Which tensors of a mixture get another type than the file's default: llama-quantize's rules as tables, one per role of a tensor.
// Options of the user, shapes that do not fit, and tensors that are not quantized are handled in `choose-tensor-types.ts`.
// Source: `llama_tensor_get_type_impl` (llama-quant.cpp, llama.cpp v0.5.0).
import type { GgmlType } from '@fs/core'
import type { FileType } from './file-types.ts'

/** What a rule may look at. */
export type Situation = {
  /** Query heads per key-value head, rounded down; 0 without key-value heads. */
  readonly groupedQueries: number
  readonly expertCount: number
  readonly isFalcon: boolean
  readonly hasImportance: boolean
  /** The tensor's place among those of its role, or its layer where the table says so. */
  readonly index: number
  /** How many there are: value projections counted by name, otherwise layers. */
  readonly count: number
}

/** A type, or a choice; undefined leaves the default. */
type Rule = GgmlType | ((situation: Situation) => GgmlType | undefined)
export type Rules = { readonly [File in FileType]?: Rule }

export function applyRule(rules: Rules, fileType: FileType, situation: Situation): GgmlType | undefined {
  const rule = rules[fileType]
  return typeof rule === 'function' ? rule(situation) : rule
}

/** The first eighth, the last eighth, and every third layer between them. */
function deservesMoreBits({ index, count }: Situation): boolean {
  const eighth = Math.floor(count / 8)
  return index < eighth || index >= Math.floor((7 * count) / 8) || (index - eighth) % 3 === 2
}

const isInFirstEighth = ({ index, count }: Situation) => index < Math.floor(count / 8)
const isInFirstSixteenth = ({ index, count }: Situation) => index < Math.floor(count / 16)
const isInMiddle = ({ index, count }: Situation) => index >= Math.floor(count / 8) && index < Math.floor((7 * count) / 8)

/** The file types below three bits, which have rules of their own and none of the general exceptions. */
export const LOW_BIT_FILES: ReadonlySet<FileType> = new Set(['IQ1_S', 'IQ1_M', 'IQ2_XXS', 'IQ2_XS', 'IQ2_S', 'IQ2_M'])

/** The output matrix, or the token embedding that doubles as one. Q6_K for every other quantized default but Q8_0. */
export const OUTPUT_TYPES: { readonly [File in FileType]?: GgmlType } = {
  MXFP4_MOE: 'Q8_0',
  Q8_0: 'Q8_0',
  IQ1_S: 'Q5_K',
  IQ1_M: 'Q5_K',
  IQ2_XXS: 'Q5_K',
  IQ2_XS: 'Q5_K',
  IQ2_S: 'Q5_K',
  IQ2_M: 'Q5_K',
  IQ3_XXS: 'Q5_K',
}

export const TOKEN_EMBEDDING_RULES: Rules = {
  IQ1_S: 'Q2_K',
  IQ1_M: 'Q2_K',
  IQ2_XXS: 'Q2_K',
  IQ2_XS: 'Q2_K',
  IQ2_S: 'IQ3_S',
  IQ2_M: 'IQ3_S',
  IQ3_XXS: 'IQ3_S',
  TQ1_0: 'Q4_K',
  TQ2_0: 'Q4_K',
  Q2_0: 'Q4_K',
}

const valueOfFile =
  (otherwise: GgmlType): Rule =>
  ({ groupedQueries, expertCount }) =>
    groupedQueries >= 4 || expertCount >= 4 ? 'Q4_K' : otherwise
const ifGrouped =
  (type: GgmlType, otherwise?: GgmlType): Rule =>
  ({ groupedQueries }) =>
    groupedQueries >= 4 ? type : otherwise

export const ATTENTION_VALUE_RULES: Rules = {
  IQ1_S: valueOfFile('Q2_K'),
  IQ1_M: valueOfFile('Q2_K'),
  IQ2_XXS: valueOfFile('Q2_K'),
  IQ2_XS: valueOfFile('Q2_K'),
  IQ2_S: valueOfFile('IQ3_S'),
  IQ2_M: valueOfFile('IQ3_S'),
  Q2_K: ifGrouped('Q4_K', 'Q3_K'),
  Q2_K_S: ifGrouped('Q4_K'),
  IQ3_XXS: ({ groupedQueries, hasImportance }) => (groupedQueries >= 4 ? 'Q4_K' : hasImportance ? 'IQ3_XXS' : 'IQ3_S'),
  IQ3_XS: ifGrouped('Q4_K'),
  IQ3_S: ifGrouped('Q4_K'),
  IQ3_M: 'Q4_K',
  Q3_K_M: ({ index }) => (index < 2 ? 'Q5_K' : 'Q4_K'),
  Q3_K_L: 'Q5_K',
  IQ4_NL: ifGrouped('Q5_K'),
  IQ4_XS: ifGrouped('Q5_K'),
  Q4_K_S: ({ index }) => (index < 4 ? 'Q5_K' : undefined),
  Q4_K_M: (situation) => (deservesMoreBits(situation) ? 'Q6_K' : undefined),
  Q5_K_M: (situation) => (deservesMoreBits(situation) ? 'Q6_K' : undefined),
}

/** Not for models with eight experts, whose key projections have a type of their own. */
export const ATTENTION_KEY_AND_QUERY_RULES: Rules = { IQ3_XS: 'IQ3_XXS', IQ3_XXS: 'IQ2_S' }

/** Not for models with eight experts. */
export const ATTENTION_OUTPUT_RULES: Rules = {
  IQ1_S: 'IQ2_XXS',
  IQ1_M: 'IQ2_XXS',
  IQ2_S: 'IQ3_S',
  IQ2_M: 'IQ3_S',
  Q2_K: 'Q3_K',
  IQ3_XXS: 'IQ3_S',
  Q3_K_M: 'Q4_K',
  Q3_K_L: 'Q5_K',
  IQ3_M: 'Q4_K',
}

/** The file types whose attention output is Q5_K in a model with eight experts. */
export const EIGHT_EXPERTS_OUTPUT_FILES: ReadonlySet<FileType> = new Set<FileType>([
  'IQ1_S',
  'IQ1_M',
  'IQ2_XXS',
  'IQ2_XS',
  'IQ2_S',
  'IQ2_M',
  'Q2_K',
  'IQ3_XS',
  'IQ3_XXS',
  'Q3_K_S',
  'Q3_K_M',
  'IQ4_NL',
  'Q4_K_S',
  'Q4_K_M',
  'IQ3_S',
  'IQ3_M',
  'IQ4_XS',
])

const inFirstEighth =
  (type: GgmlType): Rule =>
  (situation) =>
    isInFirstEighth(situation) ? type : undefined
const inFirstEighthWithoutImportance =
  (type: GgmlType): Rule =>
  (situation) =>
    !situation.hasImportance && isInFirstEighth(situation) ? type : undefined
const inFirstEighthWithImportance =
  (type: GgmlType): Rule =>
  (situation) =>
    situation.hasImportance && isInFirstEighth(situation) ? type : undefined

export const FEED_FORWARD_DOWN_RULES: Rules = {
  IQ1_S: inFirstEighth('Q2_K'),
  IQ1_M: inFirstEighth('Q2_K'),
  IQ2_XXS: inFirstEighth('Q2_K'),
  IQ2_XS: inFirstEighth('Q2_K'),
  IQ2_S: inFirstEighth('IQ3_S'),
  IQ2_M: inFirstEighth('IQ3_S'),
  Q2_K: 'Q3_K',
  Q2_K_S: inFirstEighth('Q4_K'),
  IQ3_XXS: (situation) => (situation.hasImportance ? undefined : isInFirstEighth(situation) ? 'Q4_K' : 'Q3_K'),
  Q3_K_M: (situation) => {
    if (isInFirstSixteenth(situation)) return 'Q5_K'
    return !situation.isFalcon || deservesMoreBits(situation) ? 'Q4_K' : 'Q3_K'
  },
  IQ3_M: (situation) => {
    if (isInFirstEighth(situation)) return 'Q4_K'
    return situation.expertCount === 8 && deservesMoreBits(situation) ? 'Q4_K' : undefined
  },
  Q3_K_L: ({ isFalcon }) => (isFalcon ? 'Q4_K' : 'Q5_K'),
  Q4_K_M: (situation) => {
    if (!situation.isFalcon) return deservesMoreBits(situation) ? 'Q6_K' : undefined
    if (isInFirstSixteenth(situation)) return 'Q6_K'
    return deservesMoreBits(situation) ? 'Q5_K' : 'Q4_K'
  },
  IQ4_NL: inFirstEighthWithoutImportance('Q5_K'),
  IQ4_XS: inFirstEighthWithoutImportance('Q5_K'),
  Q5_K_M: (situation) => (deservesMoreBits(situation) ? 'Q6_K' : undefined),
  Q4_K_S: (situation) => (!situation.isFalcon && isInFirstEighth(situation) ? 'Q5_K' : undefined),
  Q4_0: inFirstEighthWithImportance('Q4_1'),
  Q5_0: inFirstEighthWithImportance('Q5_1'),
}

export const FEED_FORWARD_GATE_AND_UP_RULES: Rules = {
  IQ3_XS: (situation) => (isInMiddle(situation) ? 'IQ3_XXS' : undefined),
}
