// Reads where the property tests' draws start. It is not where they are set: that is fixed-start.ts.

/** What a run draws when nobody says otherwise, so that a commit which passed passes again. */
const USUAL_SEED = 1

/**
 * The seed that `FARTSOVKA_SEED` asks for: a whole number of 32 bits, or `random` for another one each time, which is how to look for
 * failures. A failure prints its own seed.
 *
 * @throws RangeError on any other text
 */
export function seedFrom(text: string | undefined): number {
  if (text === undefined || text === '') return USUAL_SEED
  if (text === 'random') return Math.floor(Math.random() * 2 ** 31)
  const seed = Number(text)
  if (!Number.isInteger(seed) || seed !== (seed | 0)) throw new RangeError(`FARTSOVKA_SEED is "${text}", not a whole number or "random".`)
  return seed
}
