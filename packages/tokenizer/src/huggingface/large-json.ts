// JSON of megabytes, read piece by piece: its two large members are found without being parsed, and then parsed 64 KiB at a time.
// It knows where tokenizer.json has them and nothing of what they mean. What is JSON is `JSON.parse`'s to say, of every byte.
import type { Json, JsonObject } from '@fs/core'
import { fail } from '../errors.ts'

/** A list or an object whose items are looked at once, in their order. */
export type LargeJson = {
  /** File and path, for messages: `tokenizer.json: model.vocab`. */
  readonly where: string
  readonly kind: 'list' | 'object'
  /** Lists or objects that hold all items between them, in the order of the file. @throws FsError when a piece is not JSON */
  pieces(): Iterable<Json>
}

/** The members a tokenizer is large by, when they could be told apart from the rest. */
export type LargeMembers = { readonly vocab?: LargeJson; readonly merges?: LargeJson }

/** Bytes of a piece: of Llama 3's 280,147 merges (12 MB) a thousand, which are garbage before the next thousand is parsed. */
const PIECE = 64 * 1024

type Span = { readonly start: number; readonly end: number }

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]
/** Of UTF-8, which a file may begin with. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

/** @throws FsError when the bytes are not UTF-8 */
export function jsonText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw fail('tokenizer/malformed', `${file} is not UTF-8 text; download it again`, { file }, cause)
  }
}

/** @throws FsError when the text is not JSON */
export function parseJson(text: string, file: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw fail('tokenizer/malformed', `${file}: is not JSON (${(cause as Error).message}); download it again`, { file }, cause)
  }
}

/**
 * Parses a tokenizer.json but for `model.vocab` and `model.merges`, which are empty in `rest`. As text or parsed at once they would take ten
 * times the memory of their bytes. A file in which they are not found, or more than once, is parsed whole.
 * @throws FsError when it is not UTF-8, or what lies around the large members is not JSON
 */
export function splitTokenizerJson(bytes: Uint8Array, file: string): { readonly rest: Json; readonly large: LargeMembers } {
  const start = BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte) ? BYTE_ORDER_MARK.length : 0
  const model = member(bytes, start, 'model')
  const found = (['vocab', 'merges'] as const).flatMap((name) => {
    const span = model === undefined ? undefined : member(bytes, model.start, name)
    const kind = span === undefined ? undefined : kindOf(bytes, span)
    return span === undefined || kind === undefined ? [] : [{ name, kind, span, where: `${file}: model.${name}` }]
  })
  const texts: string[] = []
  let from = 0
  for (const { kind, span } of [...found].sort((a, b) => a.span.start - b.span.start)) {
    texts.push(jsonText(bytes.subarray(from, span.start), file), kind === 'list' ? '[]' : '{}')
    from = span.end
  }
  texts.push(jsonText(bytes.subarray(from), file))
  const large = found.map(({ name, kind, span, where }) => [name, { where, kind, pieces: () => pieces(bytes, span, file) }] as const)
  return { rest: parseJson(texts.join(''), file), large: Object.fromEntries(large) }
}

/** What was parsed already, as one piece. Undefined when it is neither a list nor an object. */
export function wholeJson(value: Json, where: string): LargeJson | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return { where, kind: Array.isArray(value) ? 'list' : 'object', pieces: () => [value as JsonObject] }
}

function kindOf(bytes: Uint8Array, { start, end }: Span): LargeJson['kind'] | undefined {
  if (bytes[start] === OPEN_LIST && bytes[end - 1] === CLOSE_LIST) return 'list'
  return bytes[start] === OPEN_OBJECT && bytes[end - 1] === CLOSE_OBJECT ? 'object' : undefined
}

/** Cut at commas between items, so that the whole is JSON exactly if each piece is and none is empty. */
function* pieces(bytes: Uint8Array, span: Span, file: string): Generator<Json> {
  const [open, close] = bytes[span.start] === OPEN_LIST ? ['[', ']'] : ['{', '}']
  const last = span.end - 1
  for (let start = span.start + 1, first = true; first || start <= last; first = false) {
    const end = itemsEnd(bytes, start, last)
    const piece = parseJson(`${open}${jsonText(bytes.subarray(start, end), file)}${close}`, file)
    const isEmpty = Object.keys(piece as object).length === 0
    if (isEmpty && !(first && end === last))
      throw fail('tokenizer/malformed', `${file}: is not JSON (a comma without an item at byte ${end}); download it again`, { file })
    yield piece
    start = end + 1
  }
}

/** Where the items from `start` on may be cut: at the first comma between items after {@link PIECE} bytes, else at `last`. */
function itemsEnd(bytes: Uint8Array, start: number, last: number): number {
  let depth = 0
  for (let at = start; at < last; at++) {
    const byte = bytes[at]!
    if (byte === QUOTE) at = stringEnd(bytes, at) - 1
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--
    else if (byte === COMMA && depth === 0 && at - start >= PIECE) return at
  }
  return last
}

/** The value under a key of the object that begins at or after `start`; undefined where there is none, or not exactly one. */
function member(bytes: Uint8Array, start: number, name: string): Span | undefined {
  let at = afterSpace(bytes, start)
  if (bytes[at] !== OPEN_OBJECT) return undefined
  let found: Span | undefined
  for (at = afterSpace(bytes, at + 1); bytes[at] === QUOTE; at = afterSpace(bytes, at + 1)) {
    const key = keyAt(bytes, at)
    const colon = afterSpace(bytes, key.end)
    if (bytes[colon] !== 0x3a) return undefined
    const value = { start: afterSpace(bytes, colon + 1), end: valueEnd(bytes, colon + 1) }
    if (key.text === name) {
      if (found !== undefined) return undefined
      found = value
    }
    at = afterSpace(bytes, value.end)
    if (bytes[at] === CLOSE_OBJECT) return found
    if (bytes[at] !== COMMA) return undefined
  }
  return undefined
}

/** Keys may be written with escapes. One that is not JSON is no key looked for: parsing the rest will refuse it. */
function keyAt(bytes: Uint8Array, start: number): { readonly text: string | undefined; readonly end: number } {
  const end = stringEnd(bytes, start)
  try {
    return { text: JSON.parse(new TextDecoder().decode(bytes.subarray(start, end))) as string, end }
  } catch {
    return { text: undefined, end }
  }
}

/** The end of the value at or after `start`; what it is made of is not checked. */
function valueEnd(bytes: Uint8Array, start: number): number {
  let depth = 0
  for (let at = afterSpace(bytes, start); at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte === QUOTE) {
      at = stringEnd(bytes, at) - 1
      if (depth === 0) return at + 1
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      if (depth === 0) return at
      if (--depth === 0) return at + 1
    } else if (byte === COMMA && depth === 0) return at
  }
  return bytes.length
}

/** Behind the quote that closes the string at `start`. */
function stringEnd(bytes: Uint8Array, start: number): number {
  let at = start + 1
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return Math.min(at + 1, bytes.length)
}

function afterSpace(bytes: Uint8Array, start: number): number {
  let at = start
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++
  return at
}
