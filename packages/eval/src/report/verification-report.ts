// The page of one verification: does it hold, and how far from it is every position, layer and tensor?
import { nmseInWords } from '../comparison/compare-logits.ts'
import type { Verification } from '../verification.ts'
import { atLeast, type Chart, chart } from './chart.ts'
import { renderPage } from './page.ts'

/** Below this two float32 numbers are the same. */
const LEAST = 1e-12

export async function verificationReport(verification: Verification): Promise<string> {
  const { candidate, reference, holds, prompts, reasons, maxNmse, engine, measured } = verification
  const worst = prompts.reduce((most, { nmse }) => Math.max(most, nmse), 0)
  return renderPage({
    title: `${candidate} against ${reference}`,
    verdict: {
      holds: holds ? 'yes' : 'no',
      text: holds ? `Computes what the reference computes: ${nmseInWords(worst)}` : 'Does not compute what the reference computes',
    },
    reasons,
    facts: [
      ['candidate', candidate],
      ['reference', reference],
      ['compared', measured],
      ['engine', engine],
      ['largest NMSE', prompts.length === 0 ? 'nothing could be compared' : worst.toExponential(3)],
      ['allowed', maxNmse === null ? '–' : maxNmse.toExponential(1)],
    ],
    charts: await chartsOf(verification),
    tables: tablesOf(verification),
  })
}

async function chartsOf({ prompts, diagnosis }: Verification): Promise<readonly Chart[]> {
  const positions = prompts.flatMap(({ prompt, logits }) =>
    (logits?.positions ?? []).map(({ nmse, divergence }, position) => ({
      prompt: short(prompt),
      position,
      nmse: atLeast(nmse, LEAST),
      divergence: atLeast(divergence, LEAST),
    })),
  )
  const sample = prompts.flatMap(({ prompt, logits }) =>
    (logits?.sample ?? []).map(([left, right]) => ({ prompt: short(prompt), reference: left, candidate: right })),
  )
  const layers = (diagnosis?.layers ?? []).map(({ layer, nmse }) => ({ layer, nmse: atLeast(nmse, LEAST) }))
  const weights = (diagnosis?.weights ?? []).map(({ tensor, candidateType, relativeError }) => ({
    tensor,
    type: candidateType,
    error: atLeast(relativeError, LEAST),
  }))
  const logarithmic = (field: string, title: string) =>
    ({ field, type: 'quantitative', scale: { type: 'log' }, axis: { format: '.0e' }, title }) as const
  const prompt = { field: 'prompt', type: 'nominal', title: null } as const
  const charts: Promise<Chart>[] = []
  if (positions.length > 0) {
    const position = { field: 'position', type: 'quantitative', title: 'position' } as const
    charts.push(
      chart('Difference at each position', {
        data: positions,
        mark: 'line',
        encoding: { x: position, y: logarithmic('nmse', 'NMSE'), color: prompt },
      }),
      chart('KL divergence at each position', {
        data: positions,
        mark: 'line',
        encoding: { x: position, y: logarithmic('divergence', 'nats'), color: prompt },
      }),
      chart('Logits after the last token', {
        data: sample,
        mark: { type: 'point', size: 12 },
        encoding: {
          x: { field: 'reference', type: 'quantitative', title: 'reference', scale: { zero: false } },
          y: { field: 'candidate', type: 'quantitative', title: 'candidate', scale: { zero: false } },
          color: prompt,
        },
      }),
    )
  }
  if (layers.length > 0) {
    charts.push(
      chart('What each layer reads, in the order of computation', {
        data: layers,
        mark: { type: 'line', point: true },
        encoding: {
          x: { field: 'layer', type: 'nominal', sort: null, title: null, axis: { labelAngle: -60, labelOverlap: true } },
          y: logarithmic('nmse', 'NMSE'),
        },
      }),
    )
  }
  if (weights.length > 0) {
    charts.push(
      chart('What each weight lost', {
        data: weights,
        mark: 'point',
        encoding: {
          x: { field: 'tensor', type: 'nominal', sort: null, title: null, axis: { labelAngle: -60, labelOverlap: true } },
          y: logarithmic('error', 'relative error'),
          color: { field: 'type', type: 'nominal', title: null },
        },
      }),
    )
  }
  return Promise.all(charts)
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
