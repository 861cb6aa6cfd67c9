// Which prompts find mistakes: short ones miss what only shows past a sliding window, 512 tokens, or the original context of a stretched rope.
import type { ModelSpec } from '@fs/arch'

/** Repeated as often as a length needs. */
export const BUILT_IN_TEXT = `The harbour woke before the town did. Gulls quarrelled over 27 crates of herring, a bell rang twice, and someone called \
"Anna, die Leinen!" from the quay. By 6:45 the fog had thinned; Mr. O'Neill counted his change (3.80, not 4.20) and wrote x = y + 1 on a slip of paper, \
as if it explained the price of fish. Wer früh kommt, findet Platz; qui vient tard attend. The boy with the red cap said nothing. He watched the ferry turn, \
slowly, its wake drawing one long line across the grey water, and wondered whether anything that large could ever change its mind. `

/** Lengths beyond these boundaries, and how far. */
const BEYOND = 8
const SHORT = 12
const LONG = 520
/** A longer boundary is left to prompts of the user's own: attention over it takes minutes. */
const LONGEST = 4096

/** Lengths in tokens, each once, ascending; none longer than the model's context. */
export function promptLengths(spec: ModelSpec): readonly number[] {
  const boundaries = spec.layers.flatMap(({ attention }) => {
    const { window, position } = attention
    const original = position.kind === 'rope' && 'originalContextLength' in position.scaling ? position.scaling.originalContextLength : null
    return [window, original].filter((boundary) => boundary !== null)
  })
  const lengths = [SHORT, LONG, ...boundaries.map((boundary) => boundary + BEYOND)]
  const fitting = lengths.map((length) => Math.min(length, spec.contextLength)).filter((length) => length <= LONGEST)
  return [...new Set(fitting)].sort((left, right) => left - right)
}
