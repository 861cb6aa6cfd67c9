// Runs a plan with a progress bar and tells what was made: the end of every command that writes models.
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { executePlan } from '@fs/convert/node'
import type { GgufPlan } from '@fs/convert/plan'
import type { CommonOptions } from './command.ts'
import { formatBytes, formatDuration, printable } from './terminal/format.ts'
import { progressBar } from './terminal/progress.ts'
import type { Terminal } from './terminal/terminal.ts'

export type ExecuteOptions = CommonOptions & { readonly force?: true }

/** @returns seconds it took */
export async function execute(planned: GgufPlan, options: ExecuteOptions, terminal: Terminal): Promise<number> {
  const bar = progressBar(
    terminal,
    `writing ${planned.outputs.map((output) => output.type).join(', ')}`,
    options.quiet ? 'quiet' : 'normal',
  )
  const started = performance.now()
  const result = await executePlan(planned.plan, {
    existing: options.force ? 'replace' : 'refuse',
    signal: terminal.signal,
    onProgress: ({ doneBands, totalBands, totalBytes }) =>
      bar.update(Math.round((totalBytes * doneBands) / Math.max(1, totalBands)), totalBytes),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  }).finally(() => bar.finish())
  if (result.resumedBands > 0 && !options.quiet)
    terminal.err(`continued a stopped conversion: ${result.resumedBands} parts were done already\n`)
  return (performance.now() - started) / 1000
}

/** One line for each output, or one JSON document. */
export function reportOutputs(
  planned: GgufPlan,
  facts: { readonly [key: string]: string },
  {
    seconds,
    ...more
  }: { readonly seconds: number; readonly checks?: readonly unknown[]; readonly errors?: unknown; readonly budget?: unknown },
  options: CommonOptions,
  terminal: Terminal,
): void {
  if (options.json) {
    const outputs = planned.outputs.map(({ type, paths }) => ({ type, files: paths.map((path) => ({ path, size: statSync(path).size })) }))
    const notices = planned.notices.map(({ code, message }) => ({ code, message }))
    terminal.out(`${JSON.stringify({ ...facts, outputs, notices, seconds, ...more }, null, 2)}\n`)
    return
  }
  for (const { type, paths, folder, size } of planned.outputs) {
    const names = folder ?? (paths.length === 1 ? paths[0]! : `${basename(paths[0]!)} … (${paths.length} files)`)
    terminal.out(
      printable(`${names}  ${[facts.architecture, type].filter(Boolean).join(' ')}, ${formatBytes(size)}, ${formatDuration(seconds)}\n`),
    )
  }
}

/** What people should know before the work starts. */
export function tellNotices(planned: GgufPlan, options: CommonOptions, terminal: Terminal): void {
  if (options.quiet) return
  for (const notice of planned.notices) terminal.err(printable(`note: ${notice.message}\n`))
}
