// What a figure costs in bytes: one point for each file, told apart by colour.
import { atLeast, type Chart, chart, logarithmicAxis } from './chart.ts'

export type SizedFigure = { readonly model: string; readonly bytes: number; readonly value: number }

const x = { field: 'size', type: 'quantitative', title: 'MB', scale: { zero: false, nice: true } } as const
const color = { field: 'model', type: 'nominal', sort: null, title: null } as const
const mark = { type: 'point', filled: true, size: 90 } as const

/** For figures that lie close together. */
export function againstSize(title: string, unit: string, figures: readonly SizedFigure[]): Promise<Chart> {
  const y = { field: 'value', type: 'quantitative', title: unit, scale: { zero: false } } as const
  return chart(title, { data: figures.map(rowOf), mark, encoding: { x, y, color } })
}

/** For figures of several orders of magnitude. @param least what smaller ones are drawn as */
export function againstSizeInDecades(title: string, unit: string, figures: readonly SizedFigure[], least: number): Promise<Chart> {
  const data = figures.map((figure) => rowOf({ ...figure, value: atLeast(figure.value, least) }))
  const y = logarithmicAxis(
    'value',
    unit,
    data.map(({ value }) => value),
  )
  return chart(title, { data, mark, encoding: { x, y, color } })
}

const rowOf = ({ model, bytes, value }: SizedFigure) => ({ model, size: bytes / 1e6, value })
