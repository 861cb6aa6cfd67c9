// One plot as SVG text, drawn by Vega-Lite without a DOM. Colours come from the page: text and axes are `currentColor`, so light and dark work.
import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'

export type Chart = { readonly title: string; readonly svg: string }

/** What differs from plot to plot; size and colours are the same for all. */
export type ChartSpec = Pick<Extract<TopLevelSpec, { mark: unknown }>, 'mark' | 'encoding'> & {
  readonly data: readonly object[]
  readonly height?: number
}

/** Between a phone and half a page: plots are scaled to what there is, so that their text stays between 10 and 15 pixels. */
const WIDTH = 380
const HEIGHT = 200
const FONT_SIZE = 12
/** Characters of a name that others may stand beside in a legend. */
const SHORT_NAME = 14
/** Told apart by people who see red and green alike, on white and on black. */
const COLORS = ['#3b82c4', '#e08214', '#8073ac', '#35978f', '#c51b7d']

export async function chart(title: string, { data, mark, encoding, height }: ChartSpec): Promise<Chart> {
  const text = {
    labelColor: 'currentColor',
    titleColor: 'currentColor',
    labelLimit: 130,
    labelFontSize: FONT_SIZE,
    titleFontSize: FONT_SIZE,
  }
  const specification = {
    width: WIDTH,
    height: height ?? HEIGHT,
    background: 'transparent',
    data: { values: data },
    mark,
    encoding,
    config: {
      axis: { ...text, gridColor: '#88888844', domainColor: '#888888', tickColor: '#888888' },
      legend: { ...text, orient: 'bottom', columns: longestName(data, encoding) > SHORT_NAME ? 1 : 3, labelLimit: 400 },
      title: { color: 'currentColor' },
      text: { color: 'currentColor', fontSize: FONT_SIZE },
      view: { stroke: null },
      range: { category: COLORS },
      mark: { color: COLORS[0] },
    },
  } as TopLevelSpec
  const svg = await new View(parse(compile(specification).spec), { renderer: 'none' }).toSVG()
  return { title, svg: svg.replace('<svg ', `<svg role="img" aria-label="${escapeText(title)}" `).replace(/ width="\d+" height="\d+"/, '') }
}

/** Characters of the longest name a legend shows. */
function longestName(data: readonly object[], encoding: ChartSpec['encoding']): number {
  const color = encoding?.color
  const field = color !== undefined && 'field' in color && typeof color.field === 'string' ? color.field : undefined
  const lengths = data.map((row) => (field === undefined ? 0 : String((row as Record<string, unknown>)[field]).length))
  return lengths.reduce((most, length) => Math.max(most, length), 0)
}

/** Text as it may stand in HTML and in attributes. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A vertical axis of powers of ten, with a line for each; of their halves and fifths too where there are few. */
export function logarithmicAxis(field: string, title: string, values: readonly number[], format = '.0e') {
  const least = Math.floor(Math.log10(Math.min(...values)))
  const most = Math.ceil(Math.log10(Math.max(...values)))
  const steps = most - least > 2 ? [1] : [1, 2, 5]
  const decades = Array.from({ length: Math.max(1, most - least) + 1 }, (_, index) => least + index)
  const ticks = decades.flatMap((power) => steps.map((step) => step * 10 ** power))
  return { field, type: 'quantitative', scale: { type: 'log' }, axis: { format, values: ticks }, title } as const
}

/** A horizontal axis of names, in the order given, of which as many are written as there is room for. */
export function nameAxis(field: string) {
  return {
    field,
    type: 'nominal',
    sort: null,
    title: null,
    axis: { labelAngle: -60, labelOverlap: true, labelFontSize: 10, labelLimit: 240 },
  } as const
}

/** A logarithmic axis has no place for zero: such values stand at its lower end. */
export function atLeast(value: number, least: number): number {
  return Number.isFinite(value) ? Math.max(value, least) : 1e6
}
