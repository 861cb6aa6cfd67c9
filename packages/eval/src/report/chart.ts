// One plot as SVG text, drawn by Vega-Lite without a DOM. Colours come from the page: text and axes are `currentColor`, so light and dark work.
import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'

export type Chart = { readonly title: string; readonly svg: string }

/** What differs from plot to plot; size and colours are the same for all. */
export type ChartSpec = Pick<Extract<TopLevelSpec, { mark: unknown }>, 'mark' | 'encoding'> & {
  readonly data: readonly object[]
  readonly height?: number
}

/** Between a phone and a page: plots are scaled to what there is. */
const WIDTH = 440
const HEIGHT = 200
/** Told apart by people who see red and green alike, on white and on black. */
const COLORS = ['#3b82c4', '#e08214', '#8073ac', '#35978f', '#c51b7d']

export async function chart(title: string, { data, mark, encoding, height }: ChartSpec): Promise<Chart> {
  const text = { labelColor: 'currentColor', titleColor: 'currentColor', labelLimit: 220 }
  const specification = {
    width: WIDTH,
    height: height ?? HEIGHT,
    background: 'transparent',
    data: { values: data },
    mark,
    encoding,
    config: {
      axis: { ...text, gridColor: '#88888844', domainColor: '#888888', tickColor: '#888888' },
      legend: { ...text, orient: 'bottom' },
      view: { stroke: null },
      range: { category: COLORS },
      mark: { color: COLORS[0] },
    },
  } as TopLevelSpec
  const svg = await new View(parse(compile(specification).spec), { renderer: 'none' }).toSVG()
  return { title, svg: svg.replace('<svg ', `<svg role="img" aria-label="${escapeText(title)}" `).replace(/ width="\d+" height="\d+"/, '') }
}

/** Text as it may stand in HTML and in attributes. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A logarithmic axis has no place for zero: such values stand at its lower end. */
export function atLeast(value: number, least: number): number {
  return Number.isFinite(value) ? Math.max(value, least) : 1e6
}
