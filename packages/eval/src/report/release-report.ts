// The page of a release: every file of a model, what checking found, and what each costs in quality against its size.
import type { DivergenceStatistics } from '../divergence/statistics.ts'
import type { Chart } from './chart.ts'
import { renderPage } from './page.ts'
import { againstSize, againstSizeInDecades } from './size-chart.ts'

export type ReleasedFile = {
  readonly file: string
  /** File type, `Q4_K_M`. */
  readonly type: string
  readonly size: number
  readonly holds: boolean
  readonly reasons: readonly string[]
  /** Largest of all prompts. */
  readonly nmse: number
  /** Absent where no text was measured. */
  readonly divergence?: DivergenceStatistics
}

/** Below this two float32 numbers are the same. */
const LEAST = 1e-12
/** Below this llama-perplexity prints zeros. */
const LEAST_DIVERGENCE = 1e-6

export async function releaseReport(
  { model, text }: { readonly model: string; readonly text?: string },
  files: readonly ReleasedFile[],
): Promise<string> {
  const wrong = files.filter(({ holds }) => !holds)
  const base = files.find(({ divergence }) => divergence !== undefined)?.divergence?.basePerplexity
  return renderPage({
    title: `Files of ${model}`,
    verdict: {
      holds: wrong.length === 0 ? 'yes' : 'no',
      text: wrong.length === 0 ? `All ${files.length} hold against the original` : `${wrong.length} of ${files.length} do not hold`,
    },
    reasons: wrong.flatMap(({ file, reasons }) => reasons.map((reason) => `${file}: ${reason}`)),
    facts: [
      ['original', model],
      ...(text === undefined ? [] : [['text', text] as const]),
      ...(base === undefined ? [] : [['perplexity of the original', base.value.toFixed(4)] as const]),
    ],
    charts: await Promise.all(chartsOf(files)),
    tables: [{ title: 'Files', heading: HEADING, rows: files.map(rowOf) }],
  })
}

function chartsOf(files: readonly ReleasedFile[]): readonly Promise<Chart>[] {
  const figures = (value: (file: ReleasedFile) => number | undefined) =>
    files.flatMap((file) => {
      const found = value(file)
      return found === undefined ? [] : [{ model: file.type, bytes: file.size, value: found }]
    })
  const divergences = figures(({ divergence }) => divergence?.divergence.value)
  const differences = againstSizeInDecades(
    'Difference of logits against size',
    'NMSE',
    figures(({ nmse }) => nmse),
    LEAST,
  )
  if (divergences.length === 0) return [differences]
  const perplexities = figures(({ divergence }) => divergence?.candidatePerplexity.value)
  return [
    againstSize('Perplexity against size', 'perplexity', perplexities),
    againstSizeInDecades('KL divergence against size', 'nats', divergences, LEAST_DIVERGENCE),
    differences,
  ]
}

const HEADING = ['file', 'type', 'size', 'check', 'NMSE', 'perplexity', 'KL divergence', 'same top token'] as const

function rowOf({ file, type, size, holds, nmse, divergence }: ReleasedFile): readonly string[] {
  const measured =
    divergence === undefined
      ? ['', '', '']
      : [
          `${divergence.candidatePerplexity.value.toFixed(4)} ± ${divergence.candidatePerplexity.uncertainty.toFixed(4)}`,
          divergence.divergence.value.toFixed(6),
          `${(100 * divergence.sameTop.value).toFixed(2)} %`,
        ]
  return [file, type, `${(size / 1e6).toFixed(1)} MB`, holds ? 'holds' : 'does not hold', nmse.toExponential(2), ...measured]
}
