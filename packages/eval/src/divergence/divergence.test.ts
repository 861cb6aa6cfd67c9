import { describe, expect, it } from 'vitest'
import { scoreWindows } from '../scoring/score-windows.ts'
import { textWindows } from '../scoring/windows.ts'
import { bigramModel, randomTokens } from '../test-support/bigram-model.test-support.ts'
import { measureDivergence } from './divergence.ts'
import { runningDivergenceLine, statisticsText } from './lines.ts'

const vocabularySize = 50
const windows = textWindows(randomTokens(640, vocabularySize), { contextLength: 32, beginningToken: 0 })
const model = (seed: number, noise: number) => scoreWindows(bigramModel({ vocabularySize, seed, noise }), windows)

describe('KL divergence of two models', () => {
  it('is exactly zero for a model and itself, and every other statistic is exactly 0 or 1', async () => {
    const { candidatePerplexity, basePerplexity, scoredTokens, ...rest } = await measureDivergence(model(1, 1), model(1, 1))
    expect(candidatePerplexity).toEqual(basePerplexity)
    expect(scoredTokens).toBe(windows.count * 15)
    const zeros = Object.fromEntries(Object.keys(rest.divergence.quantiles).map((name) => [name, 0]))
    const nothing = { value: 0, uncertainty: 0 }
    expect(rest).toEqual({
      correlation: 1,
      logRatio: nothing,
      ratio: { value: 1, uncertainty: 0 },
      difference: nothing,
      divergence: { ...nothing, quantiles: zeros },
      probabilityChange: { ...nothing, rootMeanSquare: nothing, quantiles: zeros },
      sameTop: { value: 1, uncertainty: 0 },
    })
  })

  it('grows with the damage, and is never negative', async () => {
    const [little, much] = [await measureDivergence(model(1, 0.1), model(1, 0)), await measureDivergence(model(1, 1), model(1, 0))]
    expect(little.divergence.quantiles.minimum).toBeGreaterThanOrEqual(0)
    expect(much.divergence.value).toBeGreaterThan(50 * little.divergence.value)
    expect(much.sameTop.value).toBeLessThan(little.sameTop.value)
    expect(much.correlation).toBeLessThan(little.correlation)
  })

  it('is the sum over tokens of p ln(p / q)', async () => {
    const [candidate, base] = [bigramModel({ vocabularySize, seed: 1, noise: 1 }), bigramModel({ vocabularySize, seed: 1 })]
    const distribution = async (which: typeof base, token: number) => {
      const [row] = await which.step([{ sequence: which.createSequence(), tokens: [token] }])
      const total = row!.reduce((sum, value) => sum + Math.exp(value), 0)
      return Array.from(row!, (value) => Math.exp(value) / total)
    }
    let sum = 0
    for (let window = 0; window < windows.count; window++) {
      for (let position = 16; position < 31; position++) {
        const token = windows.tokens[window * 32 + position]!
        const [p, q] = [await distribution(base, token), await distribution(candidate, token)]
        sum += p.reduce((divergence, share, index) => divergence + share * Math.log(share / q[index]!), 0)
      }
    }
    const measured = await measureDivergence(scoreWindows(candidate, windows), scoreWindows(base, windows))
    expect(measured.divergence.value).toBeCloseTo(sum / measured.scoredTokens, 6)
  })

  it("prints llama-perplexity's lines", async () => {
    const statistics = await measureDivergence(model(1, 0.3), model(1, 0))
    const text = statisticsText(statistics)
    expect(text).toMatch(/^Mean PPL\(Q\) {19}: +\d+\.\d{6} ± +\d+\.\d{6}$/m)
    expect(text).toMatch(/^Mean {4}KLD: {3}0\.\d{6} ± {3}0\.\d{6}$/m)
    expect(text).toMatch(/^Same top p: +\d+\.\d{3} ± +\d\.\d{3} %$/m)
    expect(runningDivergenceLine(2, statistics)).toMatch(/^ {3}3 {4}/)
  })

  it.each([
    ['another vocabulary', scoreWindows(bigramModel({ vocabularySize: 51, seed: 1 }), windows), 'eval/vocabulary-mismatch'],
    [
      'another text',
      scoreWindows(bigramModel({ vocabularySize, seed: 1 }), { ...windows, tokens: windows.tokens.map((t) => 49 - t) }),
      'eval/token-mismatch',
    ],
    [
      'another context',
      scoreWindows(bigramModel({ vocabularySize, seed: 1 }), textWindows(windows.tokens, { contextLength: 16 })),
      'eval/token-mismatch',
    ],
  ])('refuses %s', async (_, other, code) => {
    await expect(measureDivergence(model(1, 0), other)).rejects.toMatchObject({ code })
  })
})
