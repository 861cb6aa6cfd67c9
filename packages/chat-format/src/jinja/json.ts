// `tojson` as transformers defines it: Python's json.dumps, no HTML escapes, non-ASCII kept unless asked otherwise.
// Strings keep their origin, so a tool description inside JSON is still text from outside.
import type { Budget } from './budget.ts'
import { compareStrings } from './operators.ts'
import { problem } from './problem.ts'
import { floatText, integerText } from './python.ts'
import { type Text, type TextBuilder, templateText, textBuilder, textLike } from './text.ts'
import { isDict, isList, isText, keyText, typeName, type Value } from './values.ts'

export type JsonLayout = {
  readonly ensureAscii: boolean
  /** What one level is indented by; undefined writes everything on one line. */
  readonly indent: string | undefined
  readonly itemSeparator: string
  readonly keySeparator: string
  readonly sortKeys: boolean
}

/** Separators as json.dumps chooses them: with an indent the item separator loses its space. */
export function jsonLayout(options: Partial<JsonLayout>): JsonLayout {
  const indent = options.indent
  return { ensureAscii: false, indent, itemSeparator: indent === undefined ? ', ' : ',', keySeparator: ': ', sortKeys: false, ...options }
}

/** @throws TemplateProblem for values JSON has no form for (undefined, functions) */
export function toJson(value: Value, layout: JsonLayout, budget: Budget): Text {
  const output = textBuilder()
  writeJson(value, layout, 0, output, budget)
  return output.build()
}

function writeJson(value: Value, layout: JsonLayout, level: number, output: TextBuilder, budget: Budget): void {
  budget.step()
  const write = (text: string) => {
    budget.characters(text.length)
    output.append(templateText(text))
  }
  const scalar = scalarJson(value)
  if (scalar !== undefined) write(scalar)
  else if (isText(value)) writeString(value, layout, output, budget)
  else if (isList(value)) {
    write('[')
    for (const [index, item] of value.items.entries()) {
      if (index > 0) write(layout.itemSeparator)
      breakLine(layout, level + 1, write)
      writeJson(item, layout, level + 1, output, budget)
    }
    if (value.items.length > 0) breakLine(layout, level, write)
    write(']')
  } else if (isDict(value)) {
    write('{')
    const keys = Array.from(value.entries.keys())
    if (layout.sortKeys) keys.sort(compareStrings)
    for (const [index, key] of keys.entries()) {
      if (index > 0) write(layout.itemSeparator)
      breakLine(layout, level + 1, write)
      writeString(keyText(value, key), layout, output, budget)
      write(layout.keySeparator)
      writeJson(value.entries.get(key)!, layout, level + 1, output, budget)
    }
    if (keys.length > 0) breakLine(layout, level, write)
    write('}')
  } else throw problem(`Object of type ${typeName(value)} is not JSON serializable`)
}

function scalarJson(value: Value): string | undefined {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number') return integerText(value)
  return value.kind === 'float' ? jsonFloat(value.value) : undefined
}

function breakLine(layout: JsonLayout, level: number, write: (text: string) => void): void {
  if (layout.indent === undefined) return
  write('\n')
  // One level at a time: each write is paid for before the next, so indent=10**9 ends in a limit and not in an allocation.
  for (let i = 0; i < level; i++) write(layout.indent)
}

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return Number.isFinite(value) ? floatText(value) : value > 0 ? 'Infinity' : '-Infinity'
}

const SHORT_ESCAPES: { readonly [character: string]: string } = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
}

/** Like JSON.stringify, but lone surrogates stay as they are and, on request, everything outside printable ASCII is escaped. */
function writeString(text: Text, layout: JsonLayout, output: TextBuilder, budget: Budget): void {
  budget.characters(text.value.length + 2)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes exactly these.
  const escapable = layout.ensureAscii ? /["\\]|[^ -~]/g : /["\\\x00-\x1f]/g
  const escaped = text.value.replace(escapable, (c) => SHORT_ESCAPES[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  output.append(textLike(`"${escaped}"`, text))
}
