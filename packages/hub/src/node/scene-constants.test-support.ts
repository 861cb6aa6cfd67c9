// What the tests of this folder and the processes they start agree on.
import type { Patience } from '../access.ts'

/** Retries without the waiting. */
export const QUICK: Patience = { tries: 3, firstPause: 1, longestPause: 5_000, answer: 10_000, silence: 800 }

export const MODEL = 'org/model'
