// Guessing by looking back: where the last tokens occurred before, what came after them? (Saxena 2023, prompt lookup decoding)
// Guesses cost a longer step and save later ones; they are checked against the model, so they never change what is written.
import type { LookupConfig } from '../config.ts'

export type Lookup = {
  /** Adds tokens to the text that is searched. */
  push(tokens: readonly number[]): void
  /** The likely next tokens, at most `room`; often none. */
  guess(room: number): readonly number[]
  /** Tells how many of the last guess's tokens were right, so that guesses grow where they pay and shrink where they do not. */
  report(guessed: number, right: number): void
}

/** Earlier places compared for the longest match; the latest of equals wins. */
const PLACES_COMPARED = 8
const LONGEST_MATCH = 32

export function createLookup({ maxDraft = 8, minMatch = 2 }: LookupConfig): Lookup {
  const text: number[] = []
  /** Positions after each pair (or single token) of last tokens, latest last. */
  const places = new Map<number, number[]>()
  const width = Math.min(2, minMatch)
  let draft = Math.min(2, maxDraft)
  // Ids are below 2^26, so a pair fits a safe integer.
  const keyAt = (end: number) => (width === 1 ? text[end - 1]! : text[end - 2]! * 2 ** 26 + text[end - 1]!)

  const matchLength = (place: number): number => {
    let length = 0
    while (length < LONGEST_MATCH && place - 1 - length >= 0 && text[place - 1 - length] === text[text.length - 1 - length]) length += 1
    return length
  }

  return {
    push(tokens) {
      for (const token of tokens) {
        // The pair that ends here is entered when its successor is known, so a guess never finds itself.
        if (text.length >= width) {
          const key = keyAt(text.length)
          const known = places.get(key)
          if (known === undefined) places.set(key, [text.length])
          else {
            known.push(text.length)
            if (known.length > PLACES_COMPARED) known.shift()
          }
        }
        text.push(token)
      }
    },
    guess(room) {
      if (text.length < width) return []
      let best = -1
      let bestLength = minMatch - 1
      for (const place of places.get(keyAt(text.length)) ?? []) {
        const length = matchLength(place)
        if (length >= bestLength && length >= minMatch) {
          best = place
          bestLength = length
        }
      }
      if (best < 0) return []
      const guess: number[] = []
      // Past the end of the text the guess continues itself: that is how runs and cycles go on.
      while (guess.length < Math.min(draft, room)) {
        const from = best + guess.length
        guess.push(from < text.length ? text[from]! : guess[from - text.length]!)
      }
      return guess
    },
    report(guessed, right) {
      draft = right === guessed ? Math.min(maxDraft, draft * 2) : Math.max(1, Math.min(draft, right + 1))
    },
  }
}
