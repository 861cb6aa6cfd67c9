// The page of one verification: does it hold, and how far from it is every position, layer and tensor?
import { nmseInWords } from '../comparison/compare-logits.ts'
import type { ComparedPrompt, Verification } from '../verification.ts'
import { atLeast, type Chart, chart, logarithmicAxis, nameAxis } from './chart.ts'
import { renderPage } from './page.ts'

/** Below this two float32 numbers are the same. */
const LEAST = 1e-12

export async function verificationReport(verification: Verification): Promise<string> {
  const { candidate, reference, holds, prompts, reasons, maxNmse, engine, referenceEngine, measured } = verification
  const worst = prompts.reduce((most, { nmse }) => Math.max(most, nmse), 0)
  return renderPage({
    title: `${candidate} against ${reference}`,
    verdict: {
      holds: holds ? 'yes' : 'no',
      text: verdictText(verification, worst),
    },
    reasons,
    facts: [
      ['candidate', candidate],
      ['reference', reference],
      ['compared', measured],
      ['run by', referenceEngine === undefined || referenceEngine === engine ? engine : `${engine}, the reference by ${referenceEngine}`],
      ['largest NMSE', prompts.length === 0 ? 'nothing could be compared' : worst.toExponential(3)],
      ['allowed', maxNmse === null ? '–' : Number.isFinite(maxNmse) ? maxNmse.toExponential(1) : 'any'],
    ],
    charts: await chartsOf(verification),
    tables: tablesOf(verification).filter(({ rows }) => rows.length > 0),
  })
}

function verdictText({ holds, measured }: Verification, worst: number): string {
  if (measured === 'weights') return holds ? 'Has the weights of the reference' : 'Does not have the weights of the reference'
  return holds ? `Computes what the reference computes: ${nmseInWords(worst)}` : 'Does not compute what the reference computes'
}

function chartsOf({ prompts, diagnosis }: Verification): Promise<readonly Chart[]> {
  // Short ones last, so that they lie over long ones.
  const ordered = [...prompts].sort((left, right) => right.tokens - left.tokens)
  return Promise.all([...promptCharts(ordered), ...diagnosisCharts(diagnosis)])
}

function promptCharts(prompts: readonly ComparedPrompt[]): readonly Promise<Chart>[] {
  const positions = prompts.flatMap(({ prompt, logits }) =>
    (logits?.positions ?? []).map(({ nmse, divergence }, position) => ({
      prompt: short(prompt),
      position,
      nmse: atLeast(nmse, LEAST),
      divergence: atLeast(divergence, LEAST),
    })),
  )
  if (positions.length === 0) return []
  const color = { field: 'prompt', type: 'nominal', sort: null, title: null } as const
  const position = { field: 'position', type: 'quantitative', title: 'position' } as const
  const line = { type: 'line', strokeWidth: 1, point: positions.length <= 2 * prompts.length } as const
  const sample = prompts.flatMap(({ prompt, logits }) =>
    (logits?.sample ?? []).map(([left, right]) => ({ prompt: short(prompt), reference: left, candidate: right })),
  )
  const along = (title: string, field: 'nmse' | 'divergence', unit: string) => {
    const y = logarithmicAxis(
      field,
      unit,
      positions.map((row) => row[field]),
    )
    return chart(title, { data: positions, mark: line, encoding: { x: position, y, color } })
  }
  return [
    along('Difference at each position', 'nmse', 'NMSE'),
    along('KL divergence at each position', 'divergence', 'nats'),
    chart('Logits after the last token', {
      data: sample,
      mark: { type: 'point', size: 12 },
      encoding: {
        x: { field: 'reference', type: 'quantitative', title: 'reference', scale: { zero: false } },
        y: { field: 'candidate', type: 'quantitative', title: 'candidate', scale: { zero: false } },
        color,
      },
    }),
  ]
}

function diagnosisCharts(diagnosis: Verification['diagnosis']): readonly Promise<Chart>[] {
  const layers = (diagnosis?.layers ?? []).map(({ layer, nmse }) => ({ layer: layer.replace('layers.', ''), nmse: atLeast(nmse, LEAST) }))
  // What is the same has no place on a logarithmic axis, and needs none.
  const weights = (diagnosis?.weights ?? [])
    .filter(({ relativeError }) => relativeError > 0)
    .map(({ tensor, candidateType, relativeError }) => ({
      tensor: tensor.replace('layers.', '').replace(/\.weight$/, ''),
      type: candidateType,
      error: atLeast(relativeError, LEAST),
    }))
  const charts: Promise<Chart>[] = []
  if (layers.length > 0) {
    const y = logarithmicAxis(
      'nmse',
      'NMSE',
      layers.map(({ nmse }) => nmse),
    )
    const mark = { type: 'line', point: true } as const
    charts.push(chart('What each layer reads, in the order of computation', { data: layers, mark, encoding: { x: nameAxis('layer'), y } }))
  }
  if (weights.length > 0) {
    const y = logarithmicAxis(
      'error',
      'relative error',
      weights.map(({ error }) => error),
    )
    const color = { field: 'type', type: 'nominal', title: null } as const
    const mark = { type: 'point', filled: true } as const
    charts.push(chart('What each changed weight lost', { data: weights, mark, encoding: { x: nameAxis('tensor'), y, color } }))
  }
  return charts
}

function tablesOf({ prompts, diagnosis }: Verification) {
  const departing = (diagnosis?.weights ?? []).filter(({ departs }) => departs)
  const percent = (share: number | undefined) => (share === undefined ? '' : `${(100 * share).toFixed(1)} %`)
  return [
    {
      title: 'Prompts',
      heading: ['prompt', 'tokens', 'NMSE', 'largest', 'KL', 'top 1', 'top 10', 'cosine'],
      rows: prompts.map(({ prompt, tokens, nmse, largestDifference, logits, embeddings }) => [
        short(prompt),
        String(tokens),
        nmse.toExponential(2),
        largestDifference.toPrecision(3),
        logits?.divergence.toExponential(2) ?? '',
        percent(logits?.sameTop),
        percent(logits?.sharedTop10),
        (logits?.cosine ?? embeddings?.meanCosine ?? 0).toFixed(6),
      ]),
    },
    ...(departing.length === 0
      ? []
      : [
          {
            title: 'Weights that depart',
            heading: ['tensor', 'reference', 'candidate', 'relative error', 'explained'],
            rows: departing.map(({ tensor, referenceType, candidateType, relativeError, expected }) => [
              tensor,
              referenceType,
              candidateType,
              relativeError.toExponential(2),
              expected.toExponential(1),
            ]),
          },
        ]),
  ]
}

function short(prompt: string): string {
  return prompt.length > 40 ? `${prompt.slice(0, 39)}…` : prompt
}
