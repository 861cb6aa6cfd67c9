// What the types options ask for together: file types, a recipe file, or a budget. Refuses what contradicts itself.
// What single options mean is in `options.ts`; planning within a budget in `budget.ts`.
import type { Budget } from '@fs/convert/measure'
import type { TypeOptions } from '@fs/convert/plan'
import { parseFileType, parseRecipe, type Recipe } from '@fs/quant/recipes'
import { cliError } from '../errors.ts'
import { formatBytes } from '../terminal/format.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { type RecipeOptionValues, readOptionFile, readRecipe } from './options.ts'

export type RequestedTypes = {
  readonly types: TypeOptions
  /** Names for the files: those of the types, or of the budget. */
  readonly names: readonly string[]
  /** Chosen by measuring, in place of `names`. */
  readonly budget?: Budget
}

export type TypesOptionValues = RecipeOptionValues & { readonly quant?: string }

/** @param otherwise what is meant when nothing is said; undefined where something has to be */
export async function requestedTypes(
  options: TypesOptionValues,
  otherwise: 'auto' | undefined,
  terminal: Terminal,
): Promise<RequestedTypes> {
  const recipe =
    options.recipe === undefined ? undefined : parseRecipe(readOptionFile(options.recipe, '--recipe', terminal), options.recipe)
  const types = withRecipe(await readRecipe(options, terminal), recipe)
  const budget = budgetOf(options)
  if (budget !== undefined) return { types, ...budget }
  const quant = options.quant ?? recipe?.fileType ?? otherwise
  if (quant === undefined) throw cliError('cli/usage', 'nothing says which type to make; try --quant q4_k_m, or --bits 4.5', {})
  return { types, names: quantList(quant) }
}

/** Options win over the recipe, and its patterns come after theirs. */
function withRecipe(types: TypeOptions, recipe: Recipe | undefined): TypeOptions {
  if (recipe === undefined) return types
  return { ...recipe.options, ...types, tensorTypes: [...(types.tensorTypes ?? []), ...(recipe.options.tensorTypes ?? [])] }
}

function budgetOf({ fit, bits, quant }: TypesOptionValues): (Pick<RequestedTypes, 'names'> & { readonly budget: Budget }) | undefined {
  if (fit === undefined && bits === undefined) return undefined
  const option = fit === undefined ? '--bits' : '--fit'
  if (fit !== undefined && bits !== undefined) throw cliError('cli/usage', '--fit and --bits both set the size; give one of them', {})
  if (quant !== undefined && quant.toLowerCase() !== 'auto')
    throw cliError('cli/usage', `${option} chooses the types, so --quant ${quant} has no meaning beside it; leave one of them out`, {
      quant,
    })
  if (fit === undefined) return { names: [`${bits}bpw`], budget: { kind: 'bits', bits: bits! } }
  return { names: [formatBytes(fit).replace(/(\.0)? /, '')], budget: { kind: 'bytes', bytes: fit } }
}

/** Types separated by commas, each once. @throws FsError `cli/usage` when there is none, `recipe/file-type` for one that does not exist */
export function quantList(text: string): readonly string[] {
  const quants = text
    .split(',')
    .map((quant) => quant.trim())
    .filter((quant) => quant !== '')
  if (quants.length === 0) throw cliError('cli/usage', '--quant names no type; try --quant q4_0', {})
  for (const quant of quants) if (quant.toLowerCase() !== 'auto') parseFileType(quant)
  return quants.filter((quant, index) => quants.findIndex((other) => other.toLowerCase() === quant.toLowerCase()) === index)
}
