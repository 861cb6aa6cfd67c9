// Runs statements: they write to the output, set variables, and open scopes. Values of expressions are in `evaluate.ts`.
import type { Budget } from './budget.ts'
import { applyFilter, callValue, evaluate, evaluateArguments } from './evaluate.ts'
import { loopRun } from './loop.ts'
import { defineMacro } from './macro.ts'
import type { Expression, Statement } from './parse.ts'
import { problem } from './problem.ts'
import { Scope } from './scope.ts'
import { type Text, type TextBuilder, textBuilder } from './text.ts'
import { itemsOf, toText, truthy, typeName, type Value } from './values.ts'

/** How a block ended: normally, or by a statement that ends or restarts the loop around it. */
type Flow = 'next' | 'break' | 'continue'

/** @throws TemplateProblem for what Python or Jinja would reject; FsError when a limit is reached */
export function runBlock(statements: readonly Statement[], scope: Scope, output: TextBuilder, budget: Budget): Flow {
  for (const statement of statements) {
    const flow = runStatement(statement, scope, output, budget)
    if (flow !== 'next') return flow
  }
  return 'next'
}

function runStatement(statement: Statement, scope: Scope, output: TextBuilder, budget: Budget): Flow {
  budget.step()
  switch (statement.type) {
    case 'Comment':
      return 'next'
    case 'Break':
      return 'break'
    case 'Continue':
      return 'continue'
    case 'If':
      return runBlock(truthy(evaluate(statement.test, scope, budget)) ? statement.body : statement.alternate, scope, output, budget)
    case 'For':
      return runFor(statement, scope, output, budget)
    case 'Set': {
      const value = statement.value === null ? capture(statement.body, scope, budget) : evaluate(statement.value, scope, budget)
      assign(statement.assignee, value, scope, budget)
      return 'next'
    }
    case 'Macro':
      scope.set(statement.name.value, defineMacro(statement.name.value, statement.args, scope, budget, bodyOf(statement.body, budget)))
      return 'next'
    case 'CallStatement': {
      const caller = defineMacro('caller', statement.callerArgs ?? [], scope, budget, bodyOf(statement.body, budget))
      const given = evaluateArguments(statement.call.args, scope, budget)
      const keywords = new Map([...given.keywords, ['caller', caller] as const])
      write(callValue(statement.call, { ...given, keywords }, scope, budget), output, budget)
      return 'next'
    }
    case 'FilterStatement':
      write(applyFilter(statement.filter, capture(statement.body, scope, budget), scope, budget), output, budget)
      return 'next'
    default:
      write(evaluate(statement, scope, budget), output, budget)
      return 'next'
  }
}

function write(value: Value, output: TextBuilder, budget: Budget): void {
  const text = toText(value, budget)
  budget.characters(text.value.length)
  output.append(text)
}

/** What a block writes, in a scope of its own. */
function capture(statements: readonly Statement[], scope: Scope, budget: Budget): Text {
  const output = textBuilder()
  runBlock(statements, new Scope(scope), output, budget)
  return output.build()
}

const bodyOf = (statements: readonly Statement[], budget: Budget) => ({
  statements,
  run: (scope: Scope): Text => {
    budget.enter()
    const text = capture(statements, scope, budget)
    budget.leave()
    return text
  },
})

/** Each round has a fresh scope: what a round sets is gone in the next (Jinja; only a namespace carries over). */
function runFor(statement: Statement & { readonly type: 'For' }, scope: Scope, output: TextBuilder, budget: Budget): Flow {
  const items = filteredItems(statement, scope, budget)
  const loop = loopRun(items, budget)
  for (const [index, value] of items.entries()) {
    budget.step()
    const round = new Scope(scope)
    assign(statement.loopvar, value, round, budget)
    round.set('loop', loop(index))
    if (runBlock(statement.body, round, output, budget) === 'break') break
  }
  return items.length > 0 ? 'next' : runBlock(statement.defaultBlock, new Scope(scope), output, budget)
}

/** The items walked; `for x in xs if test` counts only those that pass. */
function filteredItems(statement: Statement & { readonly type: 'For' }, scope: Scope, budget: Budget): readonly Value[] {
  const { iterable, loopvar } = statement
  if (iterable.type !== 'SelectExpression') return itemsOf(evaluate(iterable, scope, budget), budget)
  return itemsOf(evaluate(iterable.lhs, scope, budget), budget).filter((value) => {
    const round = new Scope(scope)
    assign(loopvar, value, round, budget)
    return truthy(evaluate(iterable.test, round, budget))
  })
}

function assign(target: Expression, value: Value, scope: Scope, budget: Budget): void {
  switch (target.type) {
    case 'Identifier':
      scope.set(target.value, value)
      return
    case 'TupleLiteral': {
      const parts = itemsOf(value, budget)
      if (parts.length !== target.value.length) throw problem(`expected ${target.value.length} values to unpack, got ${parts.length}`)
      for (const [index, part] of parts.entries()) assign(target.value[index]!, part, scope, budget)
      return
    }
    case 'MemberExpression': {
      const object = evaluate(target.object, scope, budget)
      if (typeof object !== 'object' || object?.kind !== 'namespace')
        throw problem(`cannot assign attribute on a ${typeName(object)}, only on a namespace`)
      if (target.computed || target.property.type !== 'Identifier') throw problem('only a named attribute of a namespace can be set')
      object.entries.set(target.property.value, value)
      return
    }
    default:
      throw problem(`cannot assign to ${target.type}`)
  }
}
