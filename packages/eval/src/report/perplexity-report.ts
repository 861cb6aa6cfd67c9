// The page of a measured text: how well one model predicts it, or several beside each other and against their sizes.
import type { Perplexity } from '../perplexity/perplexity.ts'
import { type Chart, chart } from './chart.ts'
import { renderPage } from './page.ts'
import { againstSize } from './size-chart.ts'

export type MeasuredPerplexity = Perplexity & {
  readonly model: string
  /** Of all its files. */
  readonly size: number
}

export type MeasuredText = { readonly text: string; readonly context: number }

/** @param models at least one */
export async function perplexityReport({ text, context }: MeasuredText, models: readonly MeasuredPerplexity[]): Promise<string> {
  const [first] = models
  const best = models.reduce((found, model) => (model.perplexity < found.perplexity ? model : found), first!)
  const several = models.length > 1
  return renderPage({
    title: several ? `Perplexity of ${models.length} models` : `Perplexity of ${first!.model}`,
    verdict: { holds: 'unjudged', text: several ? `${best.model} predicts best: ${plusMinus(best)}` : plusMinus(best) },
    facts: [
      ['text', text],
      ['context', `${context} tokens`],
      ...models.slice(0, 1).map(({ scoredTokens, running }) => ['scored', `${scoredTokens} tokens in ${running.length} windows`] as const),
      ...(several ? [] : [['bits for a token', bits(first!)] as const, ['size', megabytes(first!)] as const]),
    ],
    charts: [...(several ? [await sizeChart(models)] : []), await runningChart(models)],
    tables: several ? [{ title: 'Models', heading: HEADING, rows: models.map(rowOf) }] : [],
  })
}

const HEADING = ['model', 'size', 'perplexity', 'bits for a token', 'tokens'] as const

function rowOf(model: MeasuredPerplexity): readonly string[] {
  return [model.model, megabytes(model), plusMinus(model), bits(model), String(model.scoredTokens)]
}

function sizeChart(models: readonly MeasuredPerplexity[]): Promise<Chart> {
  const figures = models.map(({ model, size, perplexity }) => ({ model, bytes: size, value: perplexity }))
  return againstSize('Perplexity against size', 'perplexity', figures)
}

function runningChart(models: readonly MeasuredPerplexity[]): Promise<Chart> {
  return chart('Perplexity so far', {
    data: models.flatMap(({ model, running }) => running.map((value, index) => ({ model, window: index + 1, value }))),
    mark: { type: 'line', point: models.every(({ running }) => running.length === 1) },
    encoding: {
      x: { field: 'window', type: 'quantitative', title: 'windows', scale: { zero: false }, axis: { tickMinStep: 1 } },
      y: { field: 'value', type: 'quantitative', title: 'perplexity', scale: { zero: false } },
      color: { field: 'model', type: 'nominal', sort: null, title: null, legend: models.length > 1 ? {} : null },
    },
  })
}

const plusMinus = ({ perplexity, uncertainty }: Perplexity) => `${perplexity.toFixed(4)} ± ${uncertainty.toFixed(4)}`
const bits = ({ negativeLogLikelihood }: Perplexity) => (negativeLogLikelihood / Math.LN2).toFixed(4)
const megabytes = ({ size }: MeasuredPerplexity) => `${(size / 1e6).toFixed(1)} MB`
