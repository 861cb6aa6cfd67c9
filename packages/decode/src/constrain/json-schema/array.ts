// Arrays of a schema: lists of one schema, and tuples.
import type { Json, JsonObject } from '@fs/core'
import { type GrammarNode, repeat, sequence, text } from '../grammar.ts'
import { arrayOf, count, unsatisfiable, unsupported } from './checks.ts'
import { listOf } from './json.ts'

/** @param itemNode the node of an item's schema, at a place in it */
export function arrayNode(
  schema: JsonObject,
  where: string,
  ws: GrammarNode,
  itemNode: (schema: Json, where: string) => GrammarNode,
): GrammarNode {
  const { items, prefixItems, additionalItems, uniqueItems } = schema
  if (uniqueItems === true) throw unsupported(where, 'uniqueItems')
  const prefix = prefixItems ?? (Array.isArray(items) ? items : undefined)
  const further = Array.isArray(items) ? (additionalItems ?? true) : (items ?? true)
  const min = count(schema, 'minItems', where) ?? 0
  const max = count(schema, 'maxItems', where)
  if (max !== undefined && max < min) throw unsatisfiable(where, 'maxItems is below minItems')
  const item = () => itemNode(further, `${where}/items`)
  if (prefix === undefined) {
    if (further !== false) return listOf('[', item(), ']', min, max, ws)
    if (min > 0) throw unsatisfiable(where, 'items are asked for and none may be there')
    return listOf('[', text(''), ']', 0, 0, ws)
  }
  const first = arrayOf(prefix, where).map((entry, index) => itemNode(entry, `${where}/prefixItems/${index}`))
  return tupleNode(first, further === false ? undefined : item(), min, max, where, ws)
}

/** Items that each have a schema, then items that share one. As in JSON Schema, the list may end anywhere from `min` items on. */
function tupleNode(
  first: readonly GrammarNode[],
  further: GrammarNode | undefined,
  min: number,
  max: number | undefined,
  where: string,
  ws: GrammarNode,
): GrammarNode {
  const most = Math.min(max ?? Number.POSITIVE_INFINITY, further === undefined ? first.length : Number.POSITIVE_INFINITY)
  if (most < min) throw unsatisfiable(where, 'there can not be as many items as minItems asks for')
  const comma = sequence(ws, text(','), ws)
  const restMin = Math.max(0, min - first.length)
  let node: GrammarNode =
    further === undefined || most <= first.length
      ? text('')
      : repeat(sequence(comma, further), restMin, most === Number.POSITIVE_INFINITY ? undefined : most - first.length)
  if (first.length === 0) return sequence(text('['), ws, text(']'))
  for (let index = Math.min(first.length, most) - 1; index >= 0; index--) {
    const entry = sequence(index === 0 ? ws : comma, first[index]!, node)
    node = index < min ? entry : repeat(entry, 0, 1)
  }
  return sequence(text('['), node, ws, text(']'))
}
