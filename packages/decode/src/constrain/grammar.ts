// What a constraint is written in: a context-free grammar as data. Grammar files, schemas, patterns and lists of choices become one of
// these; `automaton.ts` follows it byte by byte.

/** Inclusive code point ranges. */
export type CharacterRanges = readonly (readonly [low: number, high: number])[]

export type GrammarNode =
  | { readonly kind: 'text'; readonly text: string }
  /** One character out of these. */
  | { readonly kind: 'characters'; readonly ranges: CharacterRanges }
  | { readonly kind: 'sequence'; readonly parts: readonly GrammarNode[] }
  | { readonly kind: 'either'; readonly options: readonly GrammarNode[] }
  /** `max` undefined is without end. */
  | { readonly kind: 'repeat'; readonly node: GrammarNode; readonly min: number; readonly max: number | undefined }
  | { readonly kind: 'rule'; readonly name: string }

/** Rules by name; the text has to match the one called `root`. */
export type Grammar = ReadonlyMap<string, GrammarNode>

export const MAX_CODE_POINT = 0x10ffff

export const text = (text: string): GrammarNode => ({ kind: 'text', text })
export const characters = (...ranges: CharacterRanges): GrammarNode => ({ kind: 'characters', ranges })
export const sequence = (...parts: readonly GrammarNode[]): GrammarNode => ({ kind: 'sequence', parts })
export const either = (...options: readonly GrammarNode[]): GrammarNode =>
  options.length === 1 ? options[0]! : { kind: 'either', options }
export const repeat = (node: GrammarNode, min: number, max?: number): GrammarNode => ({ kind: 'repeat', node, min, max })
export const optional = (node: GrammarNode): GrammarNode => repeat(node, 0, 1)
export const rule = (name: string): GrammarNode => ({ kind: 'rule', name })
export const NOTHING: GrammarNode = { kind: 'sequence', parts: [] }

/** Sorts ranges and joins those that touch. */
export function joinedRanges(ranges: CharacterRanges): CharacterRanges {
  const joined: [number, number][] = []
  for (const [low, high] of [...ranges].sort(([left], [right]) => left - right)) {
    const last = joined.at(-1)
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high)
    else joined.push([low, high])
  }
  return joined
}

/** All characters that are in none of the ranges. */
export function otherCharacters(ranges: CharacterRanges): CharacterRanges {
  const others: [number, number][] = []
  let next = 0
  for (const [low, high] of joinedRanges(ranges)) {
    if (low > next) others.push([next, low - 1])
    next = high + 1
  }
  if (next <= MAX_CODE_POINT) others.push([next, MAX_CODE_POINT])
  return others
}

/** The parts of `ranges` that are in `others` too. */
export function commonCharacters(ranges: CharacterRanges, others: CharacterRanges): CharacterRanges {
  return ranges.flatMap(([low, high]) =>
    others.flatMap(([otherLow, otherHigh]): CharacterRanges => {
      const from = Math.max(low, otherLow)
      const to = Math.min(high, otherHigh)
      return from <= to ? [[from, to]] : []
    }),
  )
}
