// How Python writes and cuts strings and numbers where JavaScript does it differently; templates are written for Python.
// Pure functions on strings and numbers: no template values here.

/**
 * Characters `str.isspace` accepts (CPython's `_PyUnicode_IsWhitespace`). JavaScript's `\s` has U+FEFF and lacks U+001C..U+001F and
 * U+0085.
 */
const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
export const SPACE_RUN: RegExp = new RegExp(`[${SPACE}]+`, 'g')

/** White space by UTF-16 unit; all of it is in the basic plane. */
const isSpace = (unit: number): boolean =>
  unit === 0x20 ||
  (unit >= 0x09 && unit <= 0x0d) ||
  (unit >= 0x1c && unit <= 0x1f) ||
  unit === 0x85 ||
  unit === 0xa0 ||
  unit === 0x1680 ||
  (unit >= 0x2000 && unit <= 0x200a) ||
  unit === 0x2028 ||
  unit === 0x2029 ||
  unit === 0x202f ||
  unit === 0x205f ||
  unit === 0x3000

/** Offsets of `value` without the leading and trailing characters of `strip`; `undefined` means white space. */
export function stripBounds(value: string, strip: string | undefined, side: 'both' | 'left' | 'right'): [start: number, end: number] {
  let start = 0
  let end = value.length
  if (strip === undefined) {
    if (side !== 'right') while (start < end && isSpace(value.charCodeAt(start))) start += 1
    if (side !== 'left') while (end > start && isSpace(value.charCodeAt(end - 1))) end -= 1
    return [start, end]
  }
  const set = new Set(strip)
  if (side !== 'right') {
    while (start < end) {
      const character = String.fromCodePoint(value.codePointAt(start)!)
      if (!set.has(character)) break
      start += character.length
    }
  }
  if (side !== 'left') {
    while (end > start) {
      const character = lastCharacter(value, end)
      if (!set.has(character)) break
      end -= character.length
    }
  }
  return [start, Math.max(start, end)]
}

/** The character (code point) that ends at `end`. */
function lastCharacter(value: string, end: number): string {
  const low = value.charCodeAt(end - 1)
  const pair = (low & 0xfc00) === 0xdc00 && end >= 2 && (value.charCodeAt(end - 2) & 0xfc00) === 0xd800
  return value.slice(end - (pair ? 2 : 1), end)
}

/** True when offsets in UTF-16 and in code points differ. */
export function hasPairs(value: string): boolean {
  return /[\ud800-\udbff][\udc00-\udfff]/.test(value)
}

/** Length in code points, as Python counts. */
export function codePointLength(value: string): number {
  if (!hasPairs(value)) return value.length
  let length = 0
  for (const _ of value) length += 1
  return length
}

/**
 * `repr(float)`: shortest digits like JavaScript, but exponents from 1e16 and below 1e-4, two exponent digits, and always a point or an
 * exponent.
 */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const magnitude = Math.abs(value)
  if (magnitude >= 1e16 || magnitude < 1e-4) {
    const [digits, exponent] = value.toExponential().split('e') as [string, string]
    const size = exponent.slice(1).padStart(2, '0')
    return `${digits}e${exponent[0]}${size}`
  }
  const plain = value.toString()
  return plain.includes('.') ? plain : `${plain}.0`
}

/** `str(int)`; numbers above 2^53 come from JSON and keep the value they were rounded to. */
export function integerText(value: number): string {
  return Number.isSafeInteger(value) ? value.toString() : BigInt(value).toString()
}

/** Code points `str.isprintable` rejects, the plain space aside (Unicode categories Other and Separator). */
const UNPRINTABLE = /[\p{C}\p{Z}]/u
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\\', '\\\\'],
])

/** `repr(str)`: what `{{ list }}` shows for its strings. */
export function quotedText(value: string): string {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'"
  let result = quote
  for (const character of value) {
    const short = SHORT_ESCAPES.get(character)
    if (short !== undefined) result += short
    else if (character === quote) result += `\\${quote}`
    else if (character !== ' ' && UNPRINTABLE.test(character)) result += escaped(character.codePointAt(0)!)
    else result += character
  }
  return result + quote
}

function escaped(codePoint: number): string {
  const hex = codePoint.toString(16)
  if (codePoint < 0x100) return `\\x${hex.padStart(2, '0')}`
  return codePoint < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

/** `str.title`: a cased character after an uncased one is raised, the others lowered. */
export function titleCase(value: string): string {
  let afterLetter = false
  let result = ''
  for (const character of value) {
    result += afterLetter ? character.toLowerCase() : character.toUpperCase()
    afterLetter = /\p{L}/u.test(character)
  }
  return result
}

/** `str.capitalize`. */
export function capitalized(value: string): string {
  const first = value === '' ? '' : String.fromCodePoint(value.codePointAt(0)!)
  return first.toUpperCase() + value.slice(first.length).toLowerCase()
}

/** Floor division and its remainder, which takes the divisor's sign. */
export function floorModulo(left: number, right: number): number {
  const remainder = left % right
  return remainder !== 0 && remainder < 0 !== right < 0 ? remainder + right : remainder
}
