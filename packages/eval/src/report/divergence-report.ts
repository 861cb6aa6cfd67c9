// The page of a divergence: how far a model's predictions of a text are from its original's.
import type { DivergenceStatistics, Quantiles } from '../divergence/statistics.ts'
import type { Estimate } from '../scoring/mean.ts'
import { atLeast, chart, logarithmicAxis } from './chart.ts'
import { renderPage } from './page.ts'

export type MeasuredDivergence = { readonly model: string; readonly text: string; readonly context: number }

/** @param running statistics after each window */
export async function divergenceReport(
  { model, text, context }: MeasuredDivergence,
  statistics: DivergenceStatistics,
  running: readonly DivergenceStatistics[],
): Promise<string> {
  const { divergence, probabilityChange, sameTop } = statistics
  const plusMinus = ({ value, uncertainty }: Estimate, digits: number) => `${value.toFixed(digits)} ± ${uncertainty.toFixed(digits)}`
  const quantileRows = (quantiles: Quantiles) => Object.entries(quantiles).map(([name, value]) => ({ name, value }))
  const divergences = quantileRows(divergence.quantiles).map(({ name, value }) => ({ name, value: atLeast(value, 1e-8) }))
  const quantile = { field: 'name', type: 'nominal', sort: null, title: 'quantile', axis: { labelAngle: 0, labelOverlap: true } } as const
  return renderPage({
    title: `${model} against its original`,
    verdict: {
      holds: 'unjudged',
      text: `KL divergence ${plusMinus(divergence, 6)}, the same likeliest token ${(100 * sameTop.value).toFixed(2)} % of the time`,
    },
    facts: [
      ['text', text],
      ['context', `${context} tokens`],
      ['scored', `${statistics.scoredTokens} tokens`],
      ['perplexity', plusMinus(statistics.candidatePerplexity, 4)],
      ['perplexity of the original', plusMinus(statistics.basePerplexity, 4)],
      ['ratio', plusMinus(statistics.ratio, 6)],
      ['RMS change of the right token’s probability', `${(100 * probabilityChange.rootMeanSquare.value).toFixed(3)} %`],
    ],
    charts: [
      await chart('KL divergence, quantiles', {
        data: divergences,
        mark: { type: 'line', point: true },
        encoding: {
          x: quantile,
          y: logarithmicAxis(
            'value',
            'nats',
            divergences.map(({ value }) => value),
          ),
        },
      }),
      await chart('Change of the right token’s probability, quantiles', {
        data: quantileRows(probabilityChange.quantiles),
        mark: { type: 'line', point: true },
        encoding: { x: quantile, y: { field: 'value', type: 'quantitative', axis: { format: '.0%' }, title: null } },
      }),
      await chart('Mean KL divergence so far', {
        data: running.map((sofar, index) => ({ window: index + 1, value: sofar.divergence.value })),
        mark: { type: 'line', point: running.length === 1 },
        encoding: {
          x: { field: 'window', type: 'quantitative', title: 'windows', scale: { zero: false }, axis: { tickMinStep: 1 } },
          y: { field: 'value', type: 'quantitative', title: 'nats', scale: { zero: false } },
        },
      }),
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
