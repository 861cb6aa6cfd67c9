// From the caller's JSON to template values. Every string is marked as coming from outside, except the roles templates build control
// tokens from.
import type { JsonObject } from '@fs/core'
import { KNOWN_ROLES } from '../chat.ts'
import { fail } from '../errors.ts'
import type { Budget } from './budget.ts'
import { outsideText, templateText } from './text.ts'
import { type Dict, list, type Value } from './values.ts'

/**
 * @param where what the value is, for messages: `messages[3].content`
 * @throws FsError `chat-format/bad-input` for what JSON can not hold, `chat-format/limit-depth` for what nests too deeply
 */
export function outsideValue(value: unknown, where: string, budget: Budget): Value {
  budget.step()
  switch (typeof value) {
    case 'string':
      return outsideText(value)
    case 'boolean':
      return value
    case 'number':
      if (!Number.isFinite(value)) throw fail('chat-format/bad-input', `${where} is ${value}, which JSON can not hold`, { where })
      return Number.isInteger(value) ? value : { kind: 'float', value }
    case 'object':
      break
    default:
      throw fail('chat-format/bad-input', `${where} is a ${typeof value}; a chat is made of JSON values`, { where })
  }
  if (value === null) return null
  budget.enter()
  const converted = Array.isArray(value)
    ? list(value.map((item, index) => outsideValue(item, `${where}[${index}]`, budget)))
    : outsideDict(value as { readonly [key: string]: unknown }, where, budget)
  budget.leave()
  return converted
}

function outsideDict(object: { readonly [key: string]: unknown }, where: string, budget: Budget): Dict {
  const entries = new Map<string, Value>()
  for (const [key, value] of Object.entries(object)) {
    if (value !== undefined) entries.set(key, outsideValue(value, `${where}.${key}`, budget))
  }
  return { kind: 'dict', entries, outsideKeys: true }
}

/** The list of messages. @throws FsError `chat-format/bad-input` when one is no object */
export function messageValues(messages: readonly JsonObject[], budget: Budget): Value {
  return list(
    messages.map((message, index) => {
      const where = `messages[${index}]`
      if (typeof message !== 'object' || message === null || Array.isArray(message)) {
        throw fail('chat-format/bad-input', `${where} is not an object with a role and a content`, { where })
      }
      const converted = outsideDict(message, where, budget)
      const { role } = message
      if (typeof role !== 'string' || !KNOWN_ROLES.has(role)) return converted
      return { ...converted, entries: new Map([...converted.entries, ['role', templateText(role)]]) }
    }),
  )
}
