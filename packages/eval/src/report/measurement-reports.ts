// Pages of measurements on a text: perplexity, and divergence from a base.
import type { DivergenceStatistics, Quantiles } from '../divergence/statistics.ts'
import type { Perplexity } from '../perplexity/perplexity.ts'
import type { Estimate } from '../scoring/mean.ts'
import { atLeast, chart } from './chart.ts'
import { renderPage } from './page.ts'

export type Measurement = { readonly model: string; readonly text: string; readonly contextLength: number }

export async function perplexityReport({ model, text, contextLength }: Measurement, perplexity: Perplexity): Promise<string> {
  const { value, uncertainty } = { value: perplexity.perplexity, uncertainty: perplexity.uncertainty }
  return renderPage({
    title: `Perplexity of ${model}`,
    verdict: { holds: 'unjudged', text: `${value.toFixed(4)} ± ${uncertainty.toFixed(4)}` },
    facts: [
      ['text', text],
      ['context', `${contextLength} tokens`],
      ['scored', `${perplexity.scoredTokens} tokens in ${perplexity.running.length} windows`],
      ['bits for a token', (perplexity.negativeLogLikelihood / Math.LN2).toFixed(4)],
    ],
    charts: [await runningChart('Perplexity so far', perplexity.running, 'perplexity')],
    tables: [],
  })
}

/** @param running statistics after each window */
export async function divergenceReport(
  { model, text, contextLength }: Measurement,
  statistics: DivergenceStatistics,
  running: readonly DivergenceStatistics[],
): Promise<string> {
  const { divergence, probabilityChange, sameTop } = statistics
  const plusMinus = ({ value, uncertainty }: Estimate, digits: number) => `${value.toFixed(digits)} ± ${uncertainty.toFixed(digits)}`
  const quantileRows = (quantiles: Quantiles) => Object.entries(quantiles).map(([name, value]) => ({ name, value }))
  const quantile = { field: 'name', type: 'nominal', sort: null, title: 'quantile', axis: { labelAngle: 0, labelOverlap: true } } as const
  return renderPage({
    title: `${model} against its original`,
    verdict: {
      holds: 'unjudged',
      text: `KL divergence ${plusMinus(divergence, 6)}, the same likeliest token ${(100 * sameTop.value).toFixed(2)} % of the time`,
    },
    facts: [
      ['text', text],
      ['context', `${contextLength} tokens`],
      ['scored', `${statistics.scoredTokens} tokens`],
      ['perplexity', plusMinus(statistics.candidatePerplexity, 4)],
      ['perplexity of the original', plusMinus(statistics.basePerplexity, 4)],
      ['ratio', plusMinus(statistics.ratio, 6)],
      ['RMS change of the right token’s probability', `${(100 * probabilityChange.rootMeanSquare.value).toFixed(3)} %`],
    ],
    charts: [
      await chart('KL divergence, quantiles', {
        data: quantileRows(divergence.quantiles).map(({ name, value }) => ({ name, value: atLeast(value, 1e-8) })),
        mark: { type: 'line', point: true },
        encoding: {
          x: quantile,
          y: { field: 'value', type: 'quantitative', scale: { type: 'log' }, axis: { format: '.0e' }, title: 'nats' },
        },
      }),
      await chart('Change of the right token’s probability, quantiles', {
        data: quantileRows(probabilityChange.quantiles),
        mark: { type: 'line', point: true },
        encoding: { x: quantile, y: { field: 'value', type: 'quantitative', axis: { format: '.0%' }, title: null } },
      }),
      await runningChart(
        'Mean KL divergence so far',
        running.map((sofar) => sofar.divergence.value),
        'nats',
      ),
    ],
    tables: [
      {
        title: 'Quantiles',
        heading: ['quantile', 'KL divergence', 'change of probability'],
        rows: quantileRows(divergence.quantiles).map(({ name, value }) => [
          name,
          value.toFixed(6),
          `${(100 * probabilityChange.quantiles[name as keyof Quantiles]).toFixed(3)} %`,
        ]),
      },
    ],
  })
}

function runningChart(title: string, values: readonly number[], unit: string) {
  return chart(title, {
    data: values.map((value, index) => ({ window: index + 1, value })),
    mark: 'line',
    encoding: {
      x: { field: 'window', type: 'quantitative', title: 'windows', scale: { zero: false } },
      y: { field: 'value', type: 'quantitative', title: unit, scale: { zero: false } },
    },
  })
}
