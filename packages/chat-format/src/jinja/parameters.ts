// Reading the arguments of filters, methods and functions by position or keyword.
// It is not for macros, which have rules of their own (`evaluate.ts`).
import { problem } from './problem.ts'
import { type Arguments, isText, type Value } from './values.ts'

/**
 * Matches arguments to parameter names. @throws TemplateProblem for unknown keywords or too many arguments, as Python would.
 */
export function bind<const Name extends string>(
  called: string,
  given: Arguments,
  ...names: readonly Name[]
): { readonly [Key in Name]?: Value } {
  if (given.positional.length > names.length) {
    throw problem(`${called}() takes at most ${names.length} arguments (${given.positional.length} given)`)
  }
  const bound: { [Key in Name]?: Value } = {}
  for (const [index, value] of given.positional.entries()) bound[names[index]!] = value
  for (const [key, value] of given.keywords) {
    const name = names.find((name) => name === key)
    if (name === undefined) throw problem(`${called}() got an unexpected keyword argument '${key}'`)
    bound[name] = value
  }
  return bound
}

/** A string argument, or undefined when it is missing or none. */
export function textArgument(called: string, value: Value | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  if (!isText(value)) throw problem(`${called}() needs a string argument`)
  return value.value
}

/** An integer argument, or undefined when it is missing or none. */
export function integerArgument(called: string, value: Value | undefined): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'number') throw problem(`${called}() needs an integer argument`)
  return value
}
