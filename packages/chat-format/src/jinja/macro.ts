// Macros and call blocks: argument rules, and the scope they run in, which is the one they were written in.
import type { Budget } from './budget.ts'
import { evaluate } from './evaluate.ts'
import type { Parameter, Statement } from './parse.ts'
import { problem } from './problem.ts'
import { Scope } from './scope.ts'
import type { Text } from './text.ts'
import { type Arguments, type Callable, orUndefined, type Value } from './values.ts'

export type MacroBody = { readonly statements: readonly Statement[]; run(scope: Scope): Text }

/** A callable that runs `body` with its parameters set; defaults are evaluated at each call, after the given arguments are set. */
export function defineMacro(name: string, parameters: readonly Parameter[], scope: Scope, budget: Budget, body: MacroBody): Callable {
  const takesRest = mentions(body.statements, 'varargs')
  const takesKeywords = mentions(body.statements, 'kwargs')
  return {
    kind: 'callable',
    name,
    call(given) {
      const inside = new Scope(scope)
      const { rest, keywords } = setParameters(name, parameters, given, inside, budget)
      if (rest.length > 0 && !takesRest) throw problem(`macro '${name}' takes not more than ${parameters.length} argument(s)`)
      inside.set('caller', orUndefined(keywords.get('caller'), 'caller'))
      keywords.delete('caller')
      const [unknown] = keywords.keys()
      if (unknown !== undefined && !takesKeywords) throw problem(`macro '${name}' takes no keyword argument '${unknown}'`)
      inside.set('varargs', { kind: 'tuple', items: rest })
      inside.set('kwargs', { kind: 'dict', entries: keywords, outsideKeys: false })
      return body.run(inside)
    },
  }
}

function setParameters(macro: string, parameters: readonly Parameter[], given: Arguments, scope: Scope, budget: Budget) {
  const keywords = new Map(given.keywords)
  const missing: Parameter[] = []
  for (const [index, parameter] of parameters.entries()) {
    const name = parameter.type === 'Identifier' ? parameter.value : parameter.key.value
    const byPosition = index < given.positional.length
    if (byPosition && keywords.has(name)) throw problem(`macro '${macro}' got multiple values for argument '${name}'`)
    if (!byPosition && !keywords.has(name)) missing.push(parameter)
    scope.set(name, orUndefined(byPosition ? given.positional[index] : keywords.get(name), name))
    keywords.delete(name)
  }
  for (const parameter of missing) {
    if (parameter.type === 'KeywordArgumentExpression') scope.set(parameter.key.value, evaluate(parameter.value, scope, budget))
  }
  const rest: readonly Value[] = given.positional.slice(parameters.length)
  return { rest, keywords }
}

/** Whether a name is used anywhere in the tree; a macro takes extra arguments only if it uses `varargs` or `kwargs`. */
function mentions(node: unknown, name: string): boolean {
  if (Array.isArray(node)) return node.some((child) => mentions(child, name))
  if (node instanceof Map) return Array.from(node).some((pair) => mentions(pair, name))
  if (typeof node !== 'object' || node === null) return false
  if ('type' in node && node.type === 'Identifier' && 'value' in node && node.value === name) return true
  return Object.values(node).some((child) => mentions(child, name))
}
