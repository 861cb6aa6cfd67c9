// Values of expressions. Every node is paid for from the budget, and every string before it is made.
// Why not the library's interpreter: it builds whole lists and strings before anyone can object (`range(1e8)` ends the process), it can
// not tell user text from template text, and it differs from Jinja where chats notice (`lstrip('\n')` strips every blank, none is
// written as nothing).
import type { Budget } from './budget.ts'
import { runFilter } from './list-filters.ts'
import { attribute, item } from './members.ts'
import { binary, unary } from './operators.ts'
import { integerArgument } from './parameters.ts'
import type { Argument, Call, Expression, Filter, Slice } from './parse.ts'
import { problem } from './problem.ts'
import type { Scope } from './scope.ts'
import { sliceValue } from './slices.ts'
import { runTest } from './tests.ts'
import { templateText } from './text.ts'
import { type Arguments, isDict, isText, isUndefined, itemsOf, list, truthy, typeName, undefinedValue, type Value } from './values.ts'

/** @throws TemplateProblem for what Python or Jinja would reject; FsError when a limit is reached */
export function evaluate(node: Expression, scope: Scope, budget: Budget): Value {
  budget.step()
  budget.enter()
  const value = evaluateNode(node, scope, budget)
  budget.leave()
  return value
}

function evaluateNode(node: Expression, scope: Scope, budget: Budget): Value {
  switch (node.type) {
    case 'IntegerLiteral':
      return node.value
    case 'FloatLiteral':
      return { kind: 'float', value: node.value }
    case 'StringLiteral':
      return templateText(node.value)
    case 'ArrayLiteral':
      return list(node.value.map((element) => evaluate(element, scope, budget)))
    case 'TupleLiteral':
      return { kind: 'tuple', items: node.value.map((element) => evaluate(element, scope, budget)) }
    case 'ObjectLiteral':
      return evaluateDict(node.value, scope, budget)
    case 'Identifier':
      return scope.get(node.value)
    case 'MemberExpression':
      return evaluateMember(node, scope, budget)
    case 'CallExpression':
      return callValue(node, evaluateArguments(node.args, scope, budget), scope, budget)
    case 'BinaryExpression':
      return evaluateBinary(node, scope, budget)
    case 'UnaryExpression':
      return unary(node.operator.value, evaluate(node.argument, scope, budget))
    case 'FilterExpression':
      return applyFilter(node.filter, evaluate(node.operand, scope, budget), scope, budget)
    case 'TestExpression':
      return runTest(node.test.value, evaluate(node.operand, scope, budget), undefined, budget) !== node.negate
    case 'SelectExpression':
      return truthy(evaluate(node.test, scope, budget)) ? evaluate(node.lhs, scope, budget) : undefinedValue('the inline if without else')
    case 'Ternary':
      return evaluate(truthy(evaluate(node.condition, scope, budget)) ? node.trueExpr : node.falseExpr, scope, budget)
    default:
      node satisfies never
      throw problem(`the syntax ${(node as { readonly type: string }).type} can not stand here`)
  }
}

function evaluateDict(pairs: ReadonlyMap<Expression, Expression>, scope: Scope, budget: Budget): Value {
  const entries = new Map<string, Value>()
  let outsideKeys = false
  for (const [keyNode, valueNode] of pairs) {
    const key = evaluate(keyNode, scope, budget)
    if (!isText(key)) throw problem(`keys of a dict must be strings here, not ${typeName(key)}`)
    outsideKeys ||= key.outside.length > 0
    entries.set(key.value, evaluate(valueNode, scope, budget))
  }
  return { kind: 'dict', entries, outsideKeys }
}

function evaluateBinary(node: Expression & { readonly type: 'BinaryExpression' }, scope: Scope, budget: Budget): Value {
  const left = evaluate(node.left, scope, budget)
  const operator = node.operator.value
  if (operator === 'and') return truthy(left) ? evaluate(node.right, scope, budget) : left
  if (operator === 'or') return truthy(left) ? left : evaluate(node.right, scope, budget)
  return binary(operator, left, evaluate(node.right, scope, budget), budget)
}

function evaluateMember(node: Expression & { readonly type: 'MemberExpression' }, scope: Scope, budget: Budget): Value {
  const object = evaluate(node.object, scope, budget)
  const { property } = node
  if (property.type === 'SliceExpression') return sliceValue(object, sliceBounds(property, scope, budget), budget)
  if (node.computed) return item(object, evaluate(property, scope, budget), budget)
  if (property.type === 'Identifier') return attribute(object, property.value, budget)
  return item(object, evaluate(property, scope, budget), budget)
}

function sliceBounds(slice: Slice, scope: Scope, budget: Budget) {
  const bound = (node: Expression | undefined) => (node === undefined ? undefined : integerArgument('slice', evaluate(node, scope, budget)))
  return { start: bound(slice.start), stop: bound(slice.stop), step: bound(slice.step) }
}

/** Calls what the expression names. */
export function callValue(node: Call, given: Arguments, scope: Scope, budget: Budget): Value {
  const callee = evaluate(node.callee, scope, budget)
  if (isUndefined(callee)) throw problem(`'${callee.name}' is undefined`)
  if (typeof callee !== 'object' || callee?.kind !== 'callable') throw problem(`'${typeName(callee)}' object is not callable`)
  budget.enter()
  const value = callee.call(given)
  budget.leave()
  return value
}

export function evaluateArguments(nodes: readonly Argument[], scope: Scope, budget: Budget): Arguments {
  const positional: Value[] = []
  const keywords = new Map<string, Value>()
  const addKeyword = (name: string, value: Value) => {
    if (keywords.has(name)) throw problem(`got multiple values for keyword argument '${name}'`)
    keywords.set(name, value)
  }
  for (const node of nodes) {
    switch (node.type) {
      case 'KeywordArgumentExpression':
        addKeyword(node.key.value, evaluate(node.value, scope, budget))
        break
      case 'SpreadExpression':
        for (const value of itemsOf(evaluate(node.argument, scope, budget), budget)) {
          budget.step()
          positional.push(value)
        }
        break
      case 'KeywordSpreadExpression': {
        const mapping = evaluate(node.argument, scope, budget)
        if (!isDict(mapping)) throw problem(`argument after ** must be a mapping, not ${typeName(mapping)}`)
        for (const [key, value] of mapping.entries) addKeyword(key, value)
        break
      }
      default:
        positional.push(evaluate(node, scope, budget))
    }
  }
  return { positional, keywords }
}

const NO_ARGUMENTS: Arguments = { positional: [], keywords: new Map() }

export function applyFilter(filter: Filter, value: Value, scope: Scope, budget: Budget): Value {
  if (filter.type === 'Identifier') return runFilter(filter.value, value, NO_ARGUMENTS, budget)
  if (filter.callee.type !== 'Identifier') throw problem('a filter must be named')
  return runFilter(filter.callee.value, value, evaluateArguments(filter.args, scope, budget), budget)
}
