// A report as one HTML file that needs nothing else: verdict first, then plots and tables; light and dark, readable on a phone.
import { type Chart, escapeText } from './chart.ts'

export type Page = {
  readonly title: string
  readonly verdict: { readonly holds: 'yes' | 'no' | 'unjudged'; readonly text: string }
  readonly reasons?: readonly string[]
  readonly facts: readonly (readonly [string, string])[]
  readonly charts: readonly Chart[]
  readonly tables: readonly { readonly title: string; readonly heading: readonly string[]; readonly rows: readonly (readonly string[])[] }[]
}

const STYLE = `
:root { color-scheme: light dark; --good: #1a7f4b; --bad: #b3261e; --soft: #8884; }
@media (prefers-color-scheme: dark) { :root { --good: #58c98b; --bad: #ff8a80; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.1rem; font-weight: 500; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; font-weight: 600; margin: 2rem 0 0.5rem; }
.verdict { font-size: 1.5rem; font-weight: 700; line-height: 1.25; margin: 0.5rem 0 1rem; overflow-wrap: anywhere; }
li { overflow-wrap: anywhere; }
.yes { color: var(--good); } .no { color: var(--bad); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 2rem; margin: 2rem 0; align-items: start; }
figure { margin: 0; } figcaption { font-weight: 600; margin-bottom: 0.5rem; }
svg { width: 100%; max-width: 34rem; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.85rem; } th, td { padding: 0.2rem 0.6rem; text-align: right; border-bottom: 1px solid var(--soft); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
dl { display: grid; grid-template-columns: minmax(0, 12rem) minmax(0, 1fr); gap: 0.2rem 1rem; } dt { opacity: 0.7; overflow-wrap: anywhere; } dd { margin: 0; overflow-wrap: anywhere; }
`

export function renderPage({ title, verdict, reasons = [], facts, charts, tables }: Page): string {
  const parts = [
    `<h1>${escapeText(title)}</h1>`,
    `<p class="verdict ${verdict.holds}">${escapeText(verdict.text)}</p>`,
    reasons.length === 0 ? '' : `<ul>${reasons.map((reason) => `<li>${escapeText(reason)}</li>`).join('')}</ul>`,
    `<dl>${facts.map(([name, value]) => `<dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd>`).join('')}</dl>`,
    charts.length === 0 ? '' : `<div class="charts">\n${charts.map(figure).join('\n')}\n</div>`,
    ...tables.map(
      ({ title: name, heading, rows }) =>
        `<h2>${escapeText(name)}</h2><div class="scroll"><table>${head(heading)}${rows.map(row).join('')}</table></div>`,
    ),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${parts.filter((part) => part !== '').join('\n')}
</body>
</html>
`
}

const figure = ({ title, svg }: Chart) => `<figure><figcaption>${escapeText(title)}</figcaption>${svg}</figure>`
const head = (cells: readonly string[]) => `<tr>${cells.map((cell) => `<th>${escapeText(cell)}</th>`).join('')}</tr>`
const row = (cells: readonly string[]) => `<tr>${cells.map((cell) => `<td>${escapeText(cell)}</td>`).join('')}</tr>`
