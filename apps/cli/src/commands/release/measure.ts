// What each file of a release costs: the check against the original, and perplexity and divergence where there is a text.
import { statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type DivergenceStatistics, measureDivergence, scoreWindows } from '@fs/eval'
import type { ReleasedFile } from '@fs/eval/report'
import { outputFile } from '../../output-file.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { writeRecord } from '../../verification-record/write-record.ts'
import { type MeasureOptions, openMeasured, type TextOptions, windowsOfFile } from '../measure/measured-model.ts'
import { writeReport } from '../measure/write-report.ts'
import { verify } from '../verify/run.ts'

export type ReleaseFile = { readonly path: string; readonly type: string }

type Options = MeasureOptions & TextOptions

const FLOATS: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16'])

/**
 * Writes the pages of each file beside it, and the record of its verification into it.
 * @param original as the user typed it, and what it may be called in public
 */
export async function measureFile(
  { model, name }: { readonly model: string; readonly name: string },
  { path, type }: ReleaseFile,
  options: Options,
  terminal: Terminal,
): Promise<ReleasedFile> {
  const { threads, revision } = options
  const verification = await verify(
    {
      candidate: path,
      reference: model,
      engine: 'ort',
      prompts: [],
      weights: true,
      quiet: true,
      ...(FLOATS.has(type) ? {} : { maxNmse: Number.POSITIVE_INFINITY }),
      ...(threads === undefined ? {} : { threads }),
      ...(revision === undefined ? {} : { revision }),
    },
    terminal,
  )
  // `release` asked for the folder.
  const page = (what: string) => outputFile(`${path.replace(/\.gguf$/, '')}.${what}.html`, { force: true }, terminal)
  await writeReport(page('verification'), (reports) =>
    reports.verificationReport({ ...verification, candidate: basename(path), reference: name }),
  )
  await writeRecord(verification, terminal, threads === undefined ? {} : { threads })
  const common = {
    file: basename(path),
    type,
    size: statSync(path).size,
    holds: verification.holds,
    reasons: verification.reasons,
    nmse: verification.prompts.reduce((most, { nmse }) => Math.max(most, nmse), 0),
  }
  if (options.text === undefined) return common
  const running: DivergenceStatistics[] = []
  const divergence = await diverge(model, path, options, terminal, running)
  const measurement = { model: basename(path), text: basename(options.text), context: options.context }
  await writeReport(page('divergence'), (reports) => reports.divergenceReport(measurement, divergence, running))
  return { ...common, divergence }
}

async function diverge(
  model: string,
  path: string,
  options: Options,
  terminal: Terminal,
  running: DivergenceStatistics[],
): Promise<DivergenceStatistics> {
  const original = await openMeasured(model, options.context, options, terminal)
  try {
    const candidate = await openMeasured(path, options.context, options, terminal)
    try {
      return await measureDivergence(
        scoreWindows(candidate.language, windowsOfFile(candidate, options, terminal)),
        scoreWindows(original.language, windowsOfFile(original, options, terminal)),
        { signal: terminal.signal, onWindow: (_, sofar) => running.push(sofar) },
      )
    } finally {
      await candidate.close()
    }
  } finally {
    await original.close()
  }
}

/** The table of the model card, in Markdown. */
export function tableOf(files: readonly ReleasedFile[], text: string | undefined): string {
  const measured = files.some(({ divergence }) => divergence !== undefined)
  const heading = ['file', 'type', 'MB', 'check', ...(measured ? ['perplexity', 'KL divergence', 'same top token'] : [])]
  const rows = files.map(({ file, type, size, holds, nmse, divergence }) => [
    file,
    type,
    (size / 1e6).toFixed(1),
    `${holds ? 'holds' : 'does not hold'}, NMSE ${nmse.toExponential(1)}`,
    ...(divergence === undefined
      ? []
      : [
          `${divergence.candidatePerplexity.value.toFixed(3)} ± ${divergence.candidatePerplexity.uncertainty.toFixed(3)}`,
          divergence.divergence.value.toFixed(5),
          `${(100 * divergence.sameTop.value).toFixed(2)} %`,
        ]),
  ])
  const base = files.find(({ divergence }) => divergence !== undefined)?.divergence?.basePerplexity
  const origin = base === undefined ? '' : `\nOn ${basename(text!)}; the original has a perplexity of ${base.value.toFixed(3)}.\n`
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return ['## Measured', '', line(heading), line(heading.map(() => '---')), ...rows.map(line), origin].join('\n')
}

/** Where a file of the release goes. */
export function releasePath(folder: string, name: string, type: string): string {
  return join(folder, `${name}-${type}.gguf`)
}
