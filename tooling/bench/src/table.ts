// Measurements as a Markdown table, and the place of that table in docs/benchmarks.md.
// Only text goes in and out; files are read and written by `main.ts`.
import type { Measurement } from './measure.ts'

export type Result =
  | { readonly name: string; readonly kind: 'measured'; readonly rounds: readonly Measurement[] }
  | { readonly name: string; readonly kind: 'absent'; readonly reason: string }

export type RowResult = { readonly title: string; readonly results: readonly Result[] }

/** The middle one; of an even number the faster of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}

/** `1.53 GB`, in powers of ten, as file sizes are given. */
export function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(2)} GB`
}

/** A row per contender: median time, its ratio to ours, the same for processor time, largest peak memory. */
export function formatTable(rows: readonly RowResult[]): string {
  const lines = ['| work | by | time | ratio | processor | ratio | peak memory |', '|---|---|---:|---:|---:|---:|---:|']
  for (const { title, results } of rows) {
    const base = results[0]?.kind === 'measured' ? results[0].rounds : []
    for (const [index, result] of results.entries())
      lines.push(`| ${index === 0 ? title : ''} | ${result.name} | ${formatResult(result, base)} |`)
  }
  return lines.join('\n')
}

function formatResult(result: Result, base: readonly Measurement[]): string {
  switch (result.kind) {
    case 'absent':
      return `${result.reason} | | | |`
    case 'measured': {
      const time = secondsAndRatio(result.rounds, base, ({ seconds }) => seconds)
      const processor = secondsAndRatio(result.rounds, base, ({ processorSeconds }) => processorSeconds)
      const peaks = known(result.rounds, ({ peakBytes }) => peakBytes)
      return `${time} | ${processor} | ${peaks.length === 0 ? 'not measured here' : gigabytes(Math.max(...peaks))}`
    }
    default:
      return result satisfies never
  }
}

type Figure = (measurement: Measurement) => number | undefined

function secondsAndRatio(rounds: readonly Measurement[], base: readonly Measurement[], figure: Figure): string {
  const seconds = median(known(rounds, figure))
  return Number.isNaN(seconds) ? 'not measured here |' : `${seconds.toFixed(1)} s | ${(seconds / median(known(base, figure))).toFixed(2)}`
}

function known(rounds: readonly Measurement[], figure: Figure): readonly number[] {
  return rounds.map(figure).filter((value) => value !== undefined)
}

/**
 * Puts a section's text between its two marks.
 * @throws Error when the page has no such marks.
 */
export function replaceSection(page: string, id: string, text: string): string {
  const [opening, closing] = [`<!-- bench:${id} -->`, `<!-- /bench:${id} -->`]
  const [start, end] = [page.indexOf(opening), page.indexOf(closing)]
  if (start < 0 || end < start) throw new Error(`the page has no place for section ${id}: ${opening} … ${closing}`)
  return `${page.slice(0, start + opening.length)}\n${text}\n${page.slice(end)}`
}
