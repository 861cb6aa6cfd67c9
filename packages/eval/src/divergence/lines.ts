// The statistics as lines of text, worded and rounded as llama-perplexity prints them, so that scripts that read those read these.
import type { Estimate } from '../scoring/mean.ts'
import type { DivergenceStatistics, QuantileName } from './statistics.ts'

/** Heading of the running lines. */
export const RUNNING_HEADING =
  'chunk             PPL               ln(PPL(Q)/PPL(base))          KL Divergence              Δp RMS            Same top p'

/** One line after each window. @param index from 0 */
export function runningDivergenceLine(index: number, statistics: DivergenceStatistics): string {
  const { candidatePerplexity, logRatio, divergence, probabilityChange, sameTop } = statistics
  return [
    String(index + 1).padStart(4),
    plusMinus(candidatePerplexity, 9, 4),
    plusMinus(logRatio, 10, 5),
    plusMinus(divergence, 10, 5),
    `${plusMinus(percent(probabilityChange.rootMeanSquare), 6, 3)} %`,
    `${plusMinus(percent(sameTop), 6, 3)} %`,
  ].join('    ')
}

const QUANTILE_LINES = {
  KLD: [
    ['Maximum', 'maximum'],
    ['99.9%  ', '99.9%'],
    ['99.0%  ', '99%'],
    ['95.0%  ', '95%'],
    ['90.0%  ', '90%'],
    ['Median ', 'median'],
    ['10.0%  ', '10%'],
    [' 5.0%  ', '5%'],
    [' 1.0%  ', '1%'],
    [' 0.1%  ', '0.1%'],
    ['Minimum', 'minimum'],
  ],
  Δp: [
    ['Maximum', 'maximum'],
    ['99.9%  ', '99.9%'],
    ['99.0%  ', '99%'],
    ['95.0%  ', '95%'],
    ['90.0%  ', '90%'],
    ['75.0%  ', '75%'],
    ['Median ', 'median'],
    ['25.0%  ', '25%'],
    ['10.0%  ', '10%'],
    [' 5.0%  ', '5%'],
    [' 1.0%  ', '1%'],
    [' 0.1%  ', '0.1%'],
    ['Minimum', 'minimum'],
  ],
} as const satisfies { readonly [value: string]: readonly (readonly [string, QuantileName])[] }

/** The block at the end. */
export function statisticsText(statistics: DivergenceStatistics): string {
  const { divergence, probabilityChange, sameTop } = statistics
  return [
    '====== Perplexity statistics ======',
    `Mean PPL(Q)                   : ${plusMinus(statistics.candidatePerplexity, 10, 6)}`,
    `Mean PPL(base)                : ${plusMinus(statistics.basePerplexity, 10, 6)}`,
    `Cor(ln(PPL(Q)), ln(PPL(base))): ${(100 * statistics.correlation).toFixed(2).padStart(6)}%`,
    `Mean ln(PPL(Q)/PPL(base))     : ${plusMinus(statistics.logRatio, 10, 6)}`,
    `Mean PPL(Q)/PPL(base)         : ${plusMinus(statistics.ratio, 10, 6)}`,
    `Mean PPL(Q)-PPL(base)         : ${plusMinus(statistics.difference, 10, 6)}`,
    '',
    '====== KL divergence statistics ======',
    `Mean    KLD: ${plusMinus(divergence, 10, 6)}`,
    ...QUANTILE_LINES.KLD.map(([label, name]) => `${label} KLD: ${divergence.quantiles[name].toFixed(6).padStart(10)}`),
    '',
    '====== Token probability statistics ======',
    `Mean    Δp: ${plusMinus(percent(probabilityChange), 6, 3)} %`,
    ...QUANTILE_LINES.Δp.map(([label, name]) => `${label} Δp: ${(100 * probabilityChange.quantiles[name]).toFixed(3).padStart(6)}%`),
    `RMS Δp    : ${plusMinus(percent(probabilityChange.rootMeanSquare), 6, 3)} %`,
    `Same top p: ${plusMinus(percent(sameTop), 6, 3)} %`,
  ].join('\n')
}

function plusMinus({ value, uncertainty }: Estimate, width: number, digits: number): string {
  return `${value.toFixed(digits).padStart(width)} ± ${uncertainty.toFixed(digits).padStart(width === 6 ? 5 : width)}`
}

function percent({ value, uncertainty }: Estimate): Estimate {
  return { value: 100 * value, uncertainty: 100 * uncertainty }
}
