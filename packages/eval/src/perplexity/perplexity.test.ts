import { describe, expect, it } from 'vitest'
import { scoreWindows } from '../scoring/score-windows.ts'
import { textWindows } from '../scoring/windows.ts'
import { bigramModel, randomTokens } from '../test-support/bigram-model.test-support.ts'
import { finalLine, measurePerplexity, runningLine } from './perplexity.ts'

const vocabularySize = 50
const windows = textWindows(randomTokens(400, vocabularySize), { contextLength: 32, beginningToken: 0 })

describe('perplexity', () => {
  it('of a model that knows nothing is the size of its vocabulary, with certainty', async () => {
    const model = {
      ...bigramModel({ vocabularySize, seed: 1 }),
      prefill: async ({ tokens }: { tokens: readonly number[] }) => new Float32Array(tokens.length * vocabularySize),
    }
    const measured = await measurePerplexity(scoreWindows(model, windows))
    expect(measured.perplexity).toBeCloseTo(vocabularySize, 10)
    expect(measured.uncertainty).toBeCloseTo(0, 6)
    expect(measured.scoredTokens).toBe(windows.count * 15)
  })

  it('is exp of the mean loss, counted here by hand', async () => {
    const model = bigramModel({ vocabularySize, seed: 1 })
    const losses: number[] = []
    for (let window = 0; window < windows.count; window++) {
      for (let position = 16; position < 31; position++) {
        const sequence = model.createSequence()
        const [logits] = await model.step([{ sequence, tokens: [windows.tokens[window * 32 + position]!] }])
        const total = logits!.reduce((sum, value) => sum + Math.exp(value), 0)
        losses.push(Math.log(total) - logits![windows.tokens[window * 32 + position + 1]!]!)
      }
    }
    const average = losses.reduce((sum, loss) => sum + loss, 0) / losses.length
    const spread = losses.reduce((sum, loss) => sum + (loss - average) ** 2, 0) / losses.length / (losses.length - 1)
    const measured = await measurePerplexity(scoreWindows(model, windows))
    expect(measured.perplexity).toBeCloseTo(Math.exp(average), 6)
    expect(measured.uncertainty).toBeCloseTo(Math.sqrt(spread) * Math.exp(average), 6)
    expect(measured.running.at(-1)).toBe(measured.perplexity)
  })

  it('prints what llama-perplexity prints', () => {
    expect(runningLine(0, 27.16432)).toBe('[1]27.1643,')
    expect(finalLine({ perplexity: 27.16432, uncertainty: 0.8139, negativeLogLikelihood: 3.3, scoredTokens: 1, running: [] })).toBe(
      'Final estimate: PPL = 27.1643 +/- 0.81390',
    )
  })

  it('refuses windows the model cannot hold', () => {
    const long = textWindows(randomTokens(400, vocabularySize), { contextLength: 128 })
    expect(() => scoreWindows(bigramModel({ vocabularySize, seed: 1 }), long)).toThrow(
      expect.objectContaining({ code: 'eval/context-length' }),
    )
  })

  it('stops when told to', async () => {
    const signal = AbortSignal.abort()
    await expect(measurePerplexity(scoreWindows(bigramModel({ vocabularySize, seed: 1 }), windows), { signal })).rejects.toThrow(/abort/)
  })
})
