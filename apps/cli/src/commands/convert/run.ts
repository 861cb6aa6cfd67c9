// One conversion from arguments to files: open, plan, show or execute, tell what was made.
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { type OpenedModel, openModel } from '@fs/convert'
import { executePlan } from '@fs/convert/node'
import { type GgufPlan, planGguf } from '@fs/convert/plan'
import { architectureById } from '@fs/registry'
import { cliError } from '../../errors.ts'
import { EXIT, type ExitCode } from '../../exit-codes.ts'
import { type ResolvedModel, resolveModel, resolveRemotely } from '../../resolve-model.ts'
import { formatBytes, formatDuration, printable } from '../../terminal/format.ts'
import { progressBar } from '../../terminal/progress.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { planJson, planText } from './describe-plan.ts'
import type { ConvertOptions } from './options.ts'
import { outputPaths } from './output-path.ts'
import { readRequest } from './request.ts'

export async function runConvert(name: string, options: ConvertOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.to !== 'gguf') throw cliError('cli/usage', `--to ${options.to}: this version writes gguf`, { to: options.to })
  const architecture = options.arch === undefined ? undefined : architectureById(options.arch)
  const resolved = await (options.remote ? resolveRemotely(name, options, terminal) : resolveModel(name, options, terminal))
  try {
    const model = await openModel(resolved.checkpoint, architecture)
    const request = await readRequest(options, terminal)
    const planned = await planGguf(model, { ...request, pathFor: outputPaths(resolved, request.quants, options, terminal) })
    if (!options.quiet) for (const notice of planned.notices) terminal.err(printable(`note: ${notice.message}\n`))
    if (options.dryRun) {
      terminal.out(options.json ? `${JSON.stringify(planJson(planned), null, 2)}\n` : `${planText(planned)}\n`)
      return EXIT.done
    }
    await execute(planned, model, resolved, options, terminal)
    return EXIT.done
  } finally {
    await resolved.checkpoint.close()
  }
}

async function execute(
  planned: GgufPlan,
  model: OpenedModel,
  resolved: ResolvedModel,
  options: ConvertOptions,
  terminal: Terminal,
): Promise<void> {
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
  const seconds = (performance.now() - started) / 1000
  if (result.resumedBands > 0 && !options.quiet)
    terminal.err(`continued a stopped conversion: ${result.resumedBands} parts were done already\n`)
  report(planned, model, resolved, seconds, options, terminal)
}

function report(
  planned: GgufPlan,
  model: OpenedModel,
  resolved: ResolvedModel,
  seconds: number,
  options: ConvertOptions,
  terminal: Terminal,
): void {
  const { architecture } = model.description
  if (options.json) {
    const outputs = planned.outputs.map(({ type, paths }) => ({ type, files: paths.map((path) => ({ path, size: statSync(path).size })) }))
    const notices = planned.notices.map(({ code, message }) => ({ code, message }))
    terminal.out(`${JSON.stringify({ model: resolved.label, architecture: architecture.id, outputs, notices, seconds }, null, 2)}\n`)
    return
  }
  for (const { type, paths, size } of planned.outputs) {
    const names = paths.length === 1 ? paths[0]! : `${basename(paths[0]!)} … (${paths.length} files)`
    terminal.out(printable(`${names}  ${architecture.title} ${type}, ${formatBytes(size)}, ${formatDuration(seconds)}\n`))
  }
}
