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

/** A row per contender: median time, its ratio to ours, largest peak memory. */
export function formatTable(rows: readonly RowResult[]): string {
  const lines = ['| work | by | time | ratio | peak memory |', '|---|---|---:|---:|---:|']
  for (const { title, results } of rows) {
    const [ours] = results
    const base = ours?.kind === 'measured' ? median(ours.rounds.map(({ seconds }) => seconds)) : Number.NaN
    for (const [index, result] of results.entries()) {
      const work = index === 0 ? title : ''
      lines.push(`| ${work} | ${result.name} | ${formatResult(result, base)} |`)
    }
  }
  return lines.join('\n')
}

function formatResult(result: Result, base: number): string {
  switch (result.kind) {
    case 'absent':
      return `${result.reason} | |`
    case 'measured': {
      const seconds = median(result.rounds.map((round) => round.seconds))
      const peaks = result.rounds.flatMap(({ peakBytes }) => (peakBytes === undefined ? [] : [peakBytes]))
      const peak = peaks.length === 0 ? 'not measured here' : gigabytes(Math.max(...peaks))
      return `${seconds.toFixed(1)} s | ${(seconds / base).toFixed(2)} | ${peak}`
    }
    default:
      return result satisfies never
  }
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
