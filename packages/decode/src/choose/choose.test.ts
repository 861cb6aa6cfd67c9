import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DecodingConfig } from '../config.ts'
import { uniformAt } from '../random.ts'
import { createChooser } from './chooser.ts'
import { logprobsOf } from './logprobs.ts'
import { candidates, draw } from './sample.ts'
import { argmax, largest } from './scan.ts'

/** Logits of these probabilities. */
const logitsOf = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log)
const FULL = { temperature: 1, topK: 0, topP: 1, minP: 0 }
const history = (completion: readonly number[] = [], prompt: readonly number[] = []) => ({
  tokens: [...prompt, ...completion],
  promptLength: prompt.length,
})
const row = fc
  .array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 300 })
  .map((values) => Float32Array.from(values))

describe('greedy', () => {
  test('takes the largest logit, of equals the first', () => {
    expect(argmax(Float32Array.of(1, 3, 3, 2), 4)).toBe(1)
  })

  test('rows that only pad the embedding are never chosen', () => {
    expect(createChooser({ strategy: 'greedy' }, 2)(Float32Array.of(1, 2, 99), history(), undefined)).toBe(1)
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('a logit of %s is an error that names the token, wherever it stands', (bad) => {
    for (const at of [0, 1, 2]) {
      const logits = Float32Array.of(1, 2, 3)
      logits[at] = bad
      for (const config of [{ strategy: 'greedy' }, { strategy: 'sample' }, { strategy: 'top-p', topK: 2 }] as const) {
        const choose = () => createChooser(config, 3)(logits, history(), undefined)
        expect(choose).toThrow(
          expect.objectContaining({ code: 'decode/logits-not-finite', details: expect.objectContaining({ token: at }) }),
        )
      }
    }
  })

  test('when everything is forbidden there is nothing to choose', () => {
    const choose = createChooser({ strategy: 'sample' }, 2)
    const nothing = new Float32Array(2).fill(Number.NEGATIVE_INFINITY)
    expect(() => choose(nothing, history(), undefined)).toThrow(expect.objectContaining({ code: 'decode/nothing-allowed' }))
  })
})

describe('which tokens may be drawn', () => {
  const ids = (logits: Float32Array, settings: Partial<typeof FULL>) => [...candidates(logits, logits.length, { ...FULL, ...settings }).ids]

  test('top-p keeps the smallest set that reaches the share, at least one token', () => {
    const logits = logitsOf(0.1, 0.5, 0.15, 0.25)
    expect(ids(logits, { topP: 0.49 })).toEqual([1])
    expect(ids(logits, { topP: 0.51 })).toEqual([1, 3])
    expect(ids(logits, { topP: 0.8 })).toEqual([1, 3, 2])
    expect(ids(logits, { topP: 0.99 })).toEqual([1, 3, 2, 0])
    expect(ids(logits, { topP: 1e-9 })).toEqual([1])
  })

  test('top-k keeps k, of equals the first; min-p keeps what is likely enough beside the likeliest', () => {
    expect(ids(Float32Array.of(1, 2, 2, 2, 0), { topK: 2 })).toEqual([1, 2])
    expect(ids(logitsOf(0.1, 0.5, 0.15, 0.25), { minP: 0.29 })).toEqual([1, 2, 3])
  })

  test('temperature comes before top-p: heat lets more tokens in', () => {
    const logits = logitsOf(0.8, 0.1, 0.1)
    expect(ids(logits, { topP: 0.75 })).toEqual([0])
    expect(ids(logits, { topP: 0.75, temperature: 10 })).toEqual([0, 1, 2])
  })

  test('forbidden tokens never are, with or without a cut', () => {
    const logits = Float32Array.of(1, Number.NEGATIVE_INFINITY, 0)
    expect(ids(logits, {})).toEqual([0, 2])
    expect(ids(logits, { topK: 3 })).toEqual([0, 2])
    expect(ids(logits, { topK: 2, topP: 0.999999 })).toEqual([0, 2])
  })

  test('property: the same as sorting everything', () => {
    fc.assert(
      fc.property(
        row,
        fc.integer({ min: 0, max: 40 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0.1, max: 5, noNaN: true }),
        (logits, topK, topP, temperature) => {
          const sorted = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b)
          const cut = topK > 0 ? sorted.slice(0, topK) : sorted
          const weight = (id: number) => Math.exp((logits[id]! - logits[sorted[0]!]!) / temperature)
          const sumOf = (list: readonly number[]) => list.reduce((sum, id) => sum + weight(id), 0)
          const kept = ids(logits, { topK, topP, temperature })
          if (topP === 1) expect(kept.toSorted((a, b) => a - b)).toEqual(cut.toSorted((a, b) => a - b))
          else {
            expect(kept).toEqual(cut.slice(0, kept.length))
            // Sums in another order may differ in the last bits.
            expect(sumOf(kept)).toBeGreaterThanOrEqual(topP * sumOf(cut) - 1e-9)
            if (kept.length > 1) expect(sumOf(kept.slice(0, -1))).toBeLessThanOrEqual(topP * sumOf(cut) + 1e-9)
          }
        },
      ),
    )
  })

  test('property: the k largest are the first of a sort', () => {
    fc.assert(
      fc.property(row, fc.nat(310), (logits, k) => {
        expect([...largest(logits, logits.length, k)]).toEqual(
          Array.from(logits.keys())
            .sort((a, b) => logits[b]! - logits[a]! || a - b)
            .slice(0, k),
        )
      }),
    )
  })
})

describe('draws follow the distribution', () => {
  // Chi-square at one in ten thousand, by degrees of freedom; seeds are fixed, so the test is not a lottery.
  const CRITICAL: readonly number[] = [0, 15.14, 18.42, 21.11, 23.51, 25.74]
  const DRAWS = 20_000

  const chiSquare = (config: DecodingConfig, logits: Float32Array, expected: readonly number[]) => {
    const counts = new Array<number>(expected.length).fill(0)
    const choose = createChooser(config, logits.length)
    const tokens: number[] = []
    for (let i = 0; i < DRAWS; i++) {
      const token = choose(logits, { tokens, promptLength: 0 }, undefined)
      counts[token]! += 1
      tokens.push(token)
    }
    expect(expected.every((probability, token) => probability > 0 || counts[token] === 0)).toBe(true)
    const positive = expected.filter((probability) => probability > 0)
    const statistic = expected.reduce((sum, p, token) => (p === 0 ? sum : sum + (counts[token]! - DRAWS * p) ** 2 / (DRAWS * p)), 0)
    expect(statistic).toBeLessThan(CRITICAL[positive.length - 1]!)
  }

  const logits = logitsOf(0.05, 0.4, 0.25, 0.2, 0.1)
  const normalized = (...weights: number[]) => weights.map((weight) => weight / weights.reduce((sum, w) => sum + w))

  test.each([1, 2, 3])('sample, seed %i', (seed) => chiSquare({ strategy: 'sample', seed }, logits, [0.05, 0.4, 0.25, 0.2, 0.1]))
  test('temperature', () => chiSquare({ strategy: 'sample', temperature: 0.5 }, logits, normalized(0.0025, 0.16, 0.0625, 0.04, 0.01)))
  test('top-p', () => chiSquare({ strategy: 'top-p', topP: 0.8 }, logits, normalized(0, 0.4, 0.25, 0.2, 0)))
  test('top-k', () => chiSquare({ strategy: 'sample', topK: 2 }, logits, normalized(0, 0.4, 0.25, 0, 0)))
  test('min-p', () => chiSquare({ strategy: 'sample', minP: 0.45 }, logits, normalized(0, 0.4, 0.25, 0.2, 0)))
  test('logit bias', () =>
    chiSquare(
      {
        strategy: 'sample',
        logitBias: new Map([
          [0, Math.log(4)],
          [1, Number.NEGATIVE_INFINITY],
        ]),
      },
      logits,
      normalized(0.2, 0, 0.25, 0.2, 0.1),
    ))

  test('a draw is where the cumulated probability passes the random number', () => {
    const all = candidates(logitsOf(0.25, 0.25, 0.5), 3, FULL)
    expect([0, 0.24, 0.26, 0.49, 0.51, 0.999999].map((uniform) => draw(all, uniform))).toEqual([0, 0, 1, 1, 2, 2])
  })

  test('the draw belongs to seed and position, not to what was drawn before', () => {
    const choose = createChooser({ strategy: 'sample', seed: 7 }, 5)
    const fifth = choose(logits, history([0, 0, 0, 0], [1, 1]), undefined)
    expect(choose(logits, history([4, 3, 2, 1], []), undefined)).toBe(fifth)
    expect(fifth).toBe(draw(candidates(logits, 5, FULL), uniformAt(7, 4)))
  })

  test('temperature 0 is greedy', () => {
    expect(createChooser({ strategy: 'sample', temperature: 0 }, 5)(logits, history(), undefined)).toBe(1)
  })
})

describe('penalties', () => {
  const after = (config: Partial<DecodingConfig>, completion: readonly number[], prompt: readonly number[] = []) => {
    const logits = Float32Array.of(2, 1.9, -1)
    const token = createChooser({ strategy: 'greedy', ...config } as DecodingConfig, 3)(logits, history(completion, prompt), undefined)
    expect([...logits]).toEqual([...Float32Array.of(2, 1.9, -1)])
    return token
  }

  test('repetition looks at prompt and completion; presence and frequency at the completion', () => {
    expect(after({ repetitionPenalty: 2 }, [], [0])).toBe(1)
    expect(after({ presencePenalty: 0.5 }, [], [0])).toBe(0)
    expect(after({ presencePenalty: 0.5 }, [0])).toBe(1)
    expect(after({ frequencyPenalty: 0.06 }, [0])).toBe(0)
    expect(after({ frequencyPenalty: 0.06 }, [0, 0])).toBe(1)
  })

  test('repetition makes a negative logit more negative', () => {
    const choose = createChooser({ strategy: 'greedy', repetitionPenalty: 2 }, 2)
    expect(choose(Float32Array.of(-1, -1.5), history([0]), undefined)).toBe(1)
  })

  test('the window forgets', () => {
    expect(after({ repetitionPenalty: 2, penaltyWindow: 1 }, [0, 2])).toBe(0)
    expect(after({ presencePenalty: 1, penaltyWindow: 2 }, [0, 2])).toBe(1)
  })
})

test('log probabilities are of the unchanged distribution', () => {
  const { token, logprob, top } = logprobsOf(logitsOf(0.5, 0.2, 0.3), 3, 1, 2)
  expect(token).toBe(1)
  expect(logprob).toBeCloseTo(Math.log(0.2), 6)
  expect(top.map((entry) => entry.token)).toEqual([0, 2])
  expect(top[0]!.logprob).toBeCloseTo(Math.log(0.5), 6)
})
