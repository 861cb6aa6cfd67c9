// Strings that remember which of their characters came from outside the template, and the operations on them.
// Nothing here knows Jinja or Python; what a method called `strip` has to do is in `string-methods.ts`.

/**
 * A string with the places that came from outside the template (messages, tools, variables) as sorted, disjoint, non-touching
 * half-open ranges of UTF-16 offsets: [start, end, start, end, …]. Everything else was written by the template's author, and only that
 * may become control tokens.
 */
export type Text = { readonly kind: 'text'; readonly value: string; readonly outside: readonly number[] }

const NOWHERE: readonly number[] = []

export const EMPTY_TEXT: Text = { kind: 'text', value: '', outside: NOWHERE }

/** Text the template's author wrote. */
export function templateText(value: string): Text {
  return { kind: 'text', value, outside: NOWHERE }
}

/** Text that came from outside the template. */
export function outsideText(value: string): Text {
  return { kind: 'text', value, outside: value === '' ? NOWHERE : [0, value.length] }
}

/** Whole text with the origin of `like`: outside if any character of `like` is. For results whose characters have no single source. */
export function textLike(value: string, like: Text): Text {
  return like.outside.length > 0 ? outsideText(value) : templateText(value)
}

/** Collects pieces; joining happens once, so a loop of n appends costs n. */
export type TextBuilder = { append(text: Text): void; readonly length: number; build(): Text }

export function textBuilder(): TextBuilder {
  let value = ''
  const outside: number[] = []
  return {
    append(text) {
      appendRanges(outside, text.outside, 0, text.value.length, value.length)
      value += text.value
    },
    get length() {
      return value.length
    },
    build: () => ({ kind: 'text', value, outside }),
  }
}

/** Appends the part of `ranges` inside [start, end), moved so that `start` lands on `target`; touching ranges become one. */
function appendRanges(output: number[], ranges: readonly number[], start: number, end: number, target: number): void {
  for (let i = firstRangeAfter(ranges, start); i < ranges.length && ranges[i]! < end; i += 2) {
    const from = Math.max(ranges[i]!, start) - start + target
    const to = Math.min(ranges[i + 1]!, end) - start + target
    if (from >= to) continue
    if (output.length > 0 && output[output.length - 1] === from) output[output.length - 1] = to
    else output.push(from, to)
  }
}

/** Index of the first range that ends after `offset`: binary search, because a long rendering has thousands of ranges. */
function firstRangeAfter(ranges: readonly number[], offset: number): number {
  let low = 0
  let high = ranges.length / 2
  while (low < high) {
    const middle = (low + high) >> 1
    if (ranges[middle * 2 + 1]! <= offset) low = middle + 1
    else high = middle
  }
  return low * 2
}

export function concatTexts(left: Text, right: Text): Text {
  if (left.value === '') return right
  if (right.value === '') return left
  const value = left.value + right.value
  if (left.outside.length === 0 && right.outside.length === 0) return templateText(value)
  const outside = left.outside.slice()
  appendRanges(outside, right.outside, 0, right.value.length, left.value.length)
  return { kind: 'text', value, outside }
}

/** The characters from UTF-16 offset `start` to `end`. */
export function sliceText(text: Text, start: number, end: number): Text {
  if (start <= 0 && end >= text.value.length) return text
  const value = text.value.slice(start, end)
  if (text.outside.length === 0) return templateText(value)
  const outside: number[] = []
  appendRanges(outside, text.outside, start, start + value.length, 0)
  return { kind: 'text', value, outside }
}

/**
 * Splits at up to `limit` places where `separator` (not empty) occurs, from the left.
 * @param pay called before each part is made, so that the caller can stop the splitting
 */
export function splitText(text: Text, separator: string, limit: number, pay: () => void): Text[] {
  const parts: Text[] = []
  let start = 0
  while (parts.length < limit) {
    const at = text.value.indexOf(separator, start)
    if (at < 0) break
    pay()
    parts.push(sliceText(text, start, at))
    start = at + separator.length
  }
  parts.push(sliceText(text, start, text.value.length))
  return parts
}

/** Puts `separator` between the texts. */
export function joinTexts(texts: readonly Text[], separator: Text): Text {
  const builder = textBuilder()
  for (const [index, text] of texts.entries()) {
    if (index > 0) builder.append(separator)
    builder.append(text)
  }
  return builder.build()
}

/** Applies a function to each stretch of one origin, for changes such as upper case that may alter the length. */
export function mapText(text: Text, change: (part: string) => string): Text {
  if (text.outside.length === 0) return templateText(change(text.value))
  const builder = textBuilder()
  for (const part of partsOf(text)) builder.append(part.outside ? outsideText(change(part.text)) : templateText(change(part.text)))
  return builder.build()
}

/** The text cut where the origin changes; no part is empty. */
export function partsOf(text: Text): { readonly outside: boolean; readonly text: string }[] {
  const parts: { outside: boolean; text: string }[] = []
  let position = 0
  for (let i = 0; i < text.outside.length; i += 2) {
    const start = text.outside[i]!
    const end = text.outside[i + 1]!
    if (start > position) parts.push({ outside: false, text: text.value.slice(position, start) })
    parts.push({ outside: true, text: text.value.slice(start, end) })
    position = end
  }
  if (position < text.value.length) parts.push({ outside: false, text: text.value.slice(position) })
  return parts
}
