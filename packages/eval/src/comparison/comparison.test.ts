import { describe, expect, it } from 'vitest'
import { random } from '../test-support/bigram-model.test-support.ts'
import { compareEmbeddings } from './compare-embeddings.ts'
import { compareLogits, nmseInWords } from './compare-logits.ts'
import { BUILT_IN_TEXT, promptLengths } from './prompts.ts'

const next = random(3)
const logits = Float32Array.from({ length: 4 * 50 }, () => 10 * next() - 5)

describe('logits compared', () => {
  it('with themselves: every difference is 0 and every share 1', () => {
    const { positions, sample, ...figures } = compareLogits(logits, logits.slice(), 50)
    expect(figures).toEqual({
      nmse: 0,
      largestDifference: 0,
      meanDifference: 0,
      cosine: 1,
      relativeError: 0,
      divergence: 0,
      largestDivergence: 0,
      sameTop: 1,
      sharedTop10: 1,
    })
    expect(positions).toHaveLength(4)
    expect(sample).toEqual(Array.from(logits.subarray(-50), (value) => [value, value]))
  })

  it('NMSE is the mean squared difference over the variance, by hand', () => {
    const { nmse, largestDifference, meanDifference } = compareLogits(Float32Array.of(1, 2, 3, 4), Float32Array.of(1, 2, 3, 6), 4)
    expect(nmse).toBeCloseTo(1 / 1.25, 12)
    expect([largestDifference, meanDifference]).toEqual([2, 0.5])
  })

  it('one damaged position shows in its own figures', () => {
    const damaged = logits.slice()
    damaged[2 * 50 + 7] = 40
    const { positions, sameTop } = compareLogits(logits, damaged, 50)
    expect(positions.map(({ nmse }) => nmse > 0)).toEqual([false, false, true, false])
    expect(sameTop).toBe(0.75)
    expect(positions[2]).toMatchObject({ sameTop: false, largestDifference: expect.closeTo(40 - logits[107]!, 4) })
  })

  it('a number that is none is the largest difference there is', () => {
    const broken = logits.slice()
    broken[3] = Number.NaN
    expect(compareLogits(logits, broken, 50)).toMatchObject({ nmse: Number.POSITIVE_INFINITY, largestDifference: Number.POSITIVE_INFINITY })
  })

  it('only in equal shapes', () => {
    expect(() => compareLogits(logits, logits.subarray(50), 50)).toThrow(expect.objectContaining({ code: 'eval/shape-mismatch' }))
    expect(() => compareEmbeddings(logits, logits.subarray(50), 50)).toThrow(expect.objectContaining({ code: 'eval/shape-mismatch' }))
  })

  it('llama.cpp’s words for the figure', () => {
    expect([0, 1e-7, 1e-5, 5e-4, 5e-3, 0.05, 0.5, 2].map(nmseInWords)).toEqual([
      'perfect',
      'essentially identical',
      'excellent',
      'very good',
      'good',
      'acceptable',
      'poor',
      'very poor',
    ])
  })
})

describe('embeddings compared', () => {
  it('with themselves, and with the same turned around', () => {
    expect(compareEmbeddings(logits, logits, 50)).toMatchObject({ meanCosine: 1, similarityDifference: { largest: 0, rootMeanSquare: 0 } })
    const turned = compareEmbeddings(
      logits,
      logits.map((value) => -2 * value),
      50,
    )
    expect(turned.meanCosine).toBeCloseTo(-1, 12)
    expect(turned.lengthRatios.every((ratio) => Math.abs(ratio - 2) < 1e-6)).toBe(true)
    expect(turned.similarityDifference.largest).toBeLessThan(1e-6)
  })
})

describe('built-in prompts', () => {
  const attention = (window: number | null, scaling: object) => ({ attention: { window, position: { kind: 'rope', scaling } } }) as never
  const spec = (contextLength: number, ...layers: never[]) => ({ contextLength, layers }) as never

  it('cross 512 tokens, the window and the original context', () => {
    const stretched = { kind: 'yarn', originalContextLength: 2048 }
    expect(promptLengths(spec(32768, attention(1024, { kind: 'none' }), attention(null, stretched)))).toEqual([12, 520, 1032, 2056])
  })

  it('stay within the model’s context', () => {
    expect(promptLengths(spec(256, attention(128, { kind: 'none' })))).toEqual([12, 136, 256])
  })

  it('have a text with digits, punctuation and other languages', () => {
    expect(BUILT_IN_TEXT).toMatch(/\d.*ü.*[;:]/s)
  })
})
