import { describe, expect, it } from 'vitest'
import { compareLogits } from '../comparison/compare-logits.ts'
import { measureDivergence } from '../divergence/divergence.ts'
import type { DivergenceStatistics } from '../divergence/statistics.ts'
import { measurePerplexity } from '../perplexity/perplexity.ts'
import { scoreWindows } from '../scoring/score-windows.ts'
import { textWindows } from '../scoring/windows.ts'
import { bigramModel, randomTokens } from '../test-support/bigram-model.test-support.ts'
import type { Verification } from '../verification.ts'
import { divergenceReport, perplexityReport, releaseReport, verificationReport } from './index.ts'

const windows = textWindows(randomTokens(320, 50), { contextLength: 32 })
const scored = (noise: number) => scoreWindows(bigramModel({ vocabularySize: 50, seed: 1, noise }), windows)
const text = { text: 'wiki.test.raw', context: 32 }
const measurement = { model: 'model-Q4_K_M.gguf', ...text }

/** A page that loads nothing, has its verdict before its plots, and fits a phone in light and dark. */
function expectSelfContained(page: string): void {
  expect(page).not.toMatch(/<script|<link|<img|@import|(src|href)="?http/)
  expect(page).toMatch(/class="verdict[\s\S]*<svg /)
  expect(page).toContain('name="viewport"')
  expect(page).toContain('prefers-color-scheme: dark')
  expect(page).not.toMatch(/NaN|undefined/)
}

const logits = Float32Array.from({ length: 100 }, (_, index) => Math.sin(index))
const damaged = logits.map((value, index) => (index === 70 ? 9 : value))

const verification: Verification = {
  candidate: '<script>alert(1)</script>.gguf',
  reference: 'original',
  engine: 'ort',
  measured: 'logits',
  holds: false,
  reasons: ['layers.0.attention.query.weight departs'],
  maxNmse: 1e-6,
  prompts: [
    {
      prompt: 'Hello & goodbye',
      tokens: 2,
      positions: 2,
      firstDifferentToken: null,
      nmse: 0.5,
      largestDifference: 8,
      logits: compareLogits(logits, damaged, 50),
    },
  ],
  diagnosis: {
    fields: [],
    layers: [{ layer: 'layers.0.attention.query', nmse: 0, largestDifference: 0, cosine: 1 }],
    weights: [
      {
        tensor: 'layers.0.attention.query.weight',
        referenceType: 'F32',
        candidateType: 'Q4_0',
        relativeError: 2,
        largestDifference: 1,
        cosine: 0,
        expected: 0.02,
        departs: true,
      },
    ],
  },
}

describe('reports', () => {
  it('of a verification: verdict, reasons, a plot for positions, logits, layers and weights', async () => {
    const page = await verificationReport(verification)
    expectSelfContained(page)
    expect(page).toContain('Does not compute what the reference computes')
    expect(page.match(/<figure>/g)).toHaveLength(5)
    expect(page).toContain('<li>layers.0.attention.query.weight departs</li>')
    expect(page).toContain('Weights that depart')
  })

  it('show names from files as text', async () => {
    const page = await verificationReport(verification)
    expect(page).toContain('&#60;script&#62;alert(1)&#60;/script&#62;.gguf')
    expect(page).toContain('Hello &#38; goodbye')
  })

  it('of one that could not even be opened has no plots', async () => {
    const { diagnosis: _, ...rest } = verification
    expect(await verificationReport({ ...rest, prompts: [], maxNmse: null })).not.toContain('<svg')
  })

  it('of perplexity and divergence, with the figure on top', async () => {
    const perplexity = await measurePerplexity(scored(0))
    const first = await perplexityReport(text, [{ ...perplexity, model: 'model-Q4_K_M.gguf', size: 4e6 }])
    expectSelfContained(first)
    expect(first).toContain(`${perplexity.perplexity.toFixed(4)} ±`)
    const running: DivergenceStatistics[] = []
    const statistics = await measureDivergence(scored(1), scored(0), { onWindow: (_index, sofar) => running.push(sofar) })
    const second = await divergenceReport(measurement, statistics, running)
    expectSelfContained(second)
    expect(second).toContain(`KL divergence ${statistics.divergence.value.toFixed(6)}`)
    expect(second.match(/<figure>/g)).toHaveLength(3)
  })

  it('of several models: perplexity against size', async () => {
    const models = await Promise.all(
      [0, 2].map(async (noise) => ({ ...(await measurePerplexity(scored(noise))), model: `noise-${noise}.gguf`, size: 4e6 - noise * 1e6 })),
    )
    const page = await perplexityReport(text, models)
    expectSelfContained(page)
    const best = models.toSorted((left, right) => left.perplexity - right.perplexity)[0]!
    expect(page).toContain(`${best.model} predicts best`)
    expect(page).toContain('Perplexity against size')
    expect(page.match(/<tr>/g)).toHaveLength(3)
  })

  it('of a release: whether all hold, and what each costs', async () => {
    const divergence = await measureDivergence(scored(1), scored(0))
    const file = { file: 'a.gguf', type: 'Q4_0', size: 1e6, holds: true, reasons: [], nmse: 1e-4 }
    const page = await releaseReport({ model: 'original', text: 'wiki.test.raw' }, [{ ...file, divergence }])
    expectSelfContained(page)
    expect(page).toContain('All 1 hold')
    expect(page.match(/<figure>/g)).toHaveLength(3)
    const without = await releaseReport({ model: 'original' }, [{ ...file, nmse: 0, holds: false, reasons: ['it is wrong'] }])
    expect(without).toContain('<li>a.gguf: it is wrong</li>')
    expect(without.match(/<figure>/g)).toHaveLength(1)
  })
})
