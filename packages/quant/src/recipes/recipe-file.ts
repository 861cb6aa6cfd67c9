// A recipe file: which type the tensors of a model get, as JSON that a person writes or that a plan by budget prints.
// Its schema is docs/schema/recipe.schema.json; what the options do is in `choose-tensor-types.ts`.
import type { GgmlType } from '@fs/core'
import { quantError } from '../errors.ts'
import type { RecipeOptions } from './choose-tensor-types.ts'
import { type FileType, parseFileType } from './file-types.ts'
import { parseTensorType, parseTensorTypePattern } from './tensor-type-option.ts'

export type Recipe = {
  /** What the file is called and what its rules are for tensors that nothing else names. */
  readonly fileType: FileType
  readonly options: Pick<RecipeOptions, 'pure' | 'leaveOutputTensor' | 'outputTensorType' | 'tokenEmbeddingType' | 'tensorTypes'>
}

const FLAGS = ['pure', 'leaveOutputTensor'] as const
const TYPES = ['outputTensorType', 'tokenEmbeddingType'] as const
const KEYS: ReadonlySet<string> = new Set(['$schema', 'default', 'tensors', ...FLAGS, ...TYPES])

/**
 * @param file its name, for messages
 * @throws FsError `recipe/file` for what is no recipe, `recipe/file-type` and `recipe/tensor-type` for types and patterns in it
 */
export function parseRecipe(text: string, file: string): Recipe {
  const refuse = (what: string, cause?: unknown) => quantError('recipe/file', `${file} is no recipe: ${what}.`, { file }, cause)
  const root = jsonObject(text, refuse)
  for (const key of root.keys()) {
    if (!KEYS.has(key)) throw refuse(`'${key}' means nothing in it; it takes ${[...KEYS].join(', ')}`)
  }
  const word = (key: string): string | undefined => {
    const value = root.get(key)
    if (value !== undefined && typeof value !== 'string') throw refuse(`'${key}' has to be a string`)
    return value
  }
  const flag = (key: string): boolean => {
    const value = root.get(key) ?? false
    if (typeof value !== 'boolean') throw refuse(`'${key}' has to be true or false`)
    return value
  }
  const fileType = word('default')
  if (fileType === undefined) throw refuse(`it needs a 'default', such as "Q4_K_M"`)
  const types = TYPES.flatMap((key) => {
    const name = word(key)
    return name === undefined ? [] : [[key, parseTensorType(name)] as const]
  })
  return {
    fileType: parseFileType(fileType),
    options: {
      tensorTypes: tensorTypes(root.get('tensors') ?? [], refuse),
      ...Object.fromEntries(types),
      ...Object.fromEntries(FLAGS.filter(flag).map((key) => [key, true])),
    },
  }
}

/** A recipe that names tensors one by one, as a file holds it. */
export function recipeJson(fileType: FileType, types: Iterable<readonly [tensor: string, type: GgmlType]>) {
  const tensors = Array.from(types, ([name, type]) => ({ pattern: `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`, type }))
  return { default: fileType, tensors }
}

type Refuse = (what: string, cause?: unknown) => Error

function jsonObject(text: string, refuse: Refuse): ReadonlyMap<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw refuse(cause instanceof SyntaxError ? cause.message.replace(/\.$/, '') : 'it is not JSON', cause)
  }
  return entriesOf(value, refuse, 'it')
}

function entriesOf(value: unknown, refuse: Refuse, what: string): ReadonlyMap<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw refuse(`${what} has to be a JSON object`)
  return new Map(Object.entries(value))
}

function tensorTypes(value: unknown, refuse: Refuse): NonNullable<RecipeOptions['tensorTypes']> {
  if (!Array.isArray(value)) throw refuse(`'tensors' has to be a list of { "pattern": …, "type": … }`)
  return value.map((entry: unknown, index) => {
    const keys = entriesOf(entry, refuse, `entry ${index} of 'tensors'`)
    const [pattern, type] = [keys.get('pattern'), keys.get('type')]
    if (typeof pattern !== 'string' || pattern === '' || typeof type !== 'string' || keys.size !== 2)
      throw refuse(`entry ${index} of 'tensors' has to hold a 'pattern' and a 'type' and nothing else`)
    return { pattern: parseTensorTypePattern(pattern), type: parseTensorType(type) }
  })
}
