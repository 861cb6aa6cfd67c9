// The decimal spellings of the integers between two bounds.
import { characters, either, type GrammarNode, repeat, sequence, text } from '../grammar.ts'

/** Digits of the largest integer written when there is no bound. */
const MAX_DIGITS = 16

const digits = (low: number, high: number): GrammarNode => characters([0x30 + low, 0x30 + high])
const DIGIT = digits(0, 9)

/** @param min a safe integer or -Infinity @param max a safe integer or Infinity, not below `min` */
export function integersBetween(min: number, max: number): GrammarNode {
  const options: GrammarNode[] = []
  if (min < 0) options.push(sequence(text('-'), naturals(Math.max(1, -Math.min(max, -1)), -min)))
  if (max >= 0) options.push(naturals(Math.max(0, min), max))
  return either(...options)
}

/** Integers from 0 up, grouped by their number of digits. Bounds are kept as text: 9999999999999999 is no double. */
function naturals(min: number, max: number): GrammarNode {
  const low = min.toString()
  const high = Number.isFinite(max) ? max.toString() : '9'.repeat(Math.max(MAX_DIGITS, low.length))
  const options: GrammarNode[] = []
  for (let count = low.length; count <= high.length; count++) {
    const first = count === low.length ? low : `1${'0'.repeat(count - 1)}`
    options.push(sameLength(first, count === high.length ? high : '9'.repeat(count)))
  }
  return either(...options)
}

/** Numbers of one length from `low` to `high`. */
function sameLength(low: string, high: string): GrammarNode {
  if (low === '') return text('')
  const from = Number(low[0])
  const to = Number(high[0])
  const rest = low.length - 1
  if (from === to) return rest === 0 ? digits(from, to) : sequence(digits(from, to), sameLength(low.slice(1), high.slice(1)))
  if (rest === 0) return digits(from, to)
  const lowest = '0'.repeat(rest)
  const highest = '9'.repeat(rest)
  const options: GrammarNode[] = []
  const wholeFrom = low.slice(1) === lowest ? from : from + 1
  const wholeTo = high.slice(1) === highest ? to : to - 1
  if (wholeFrom > from) options.push(sequence(digits(from, from), sameLength(low.slice(1), highest)))
  if (wholeFrom <= wholeTo) options.push(sequence(digits(wholeFrom, wholeTo), repeat(DIGIT, rest, rest)))
  if (wholeTo < to) options.push(sequence(digits(to, to), sameLength(lowest, high.slice(1))))
  return either(...options)
}
