// `--report FILE.html`: holds a written file against its source, and tells what each tensor lost as a page and as JSON.
import { outputErrors } from '@fs/convert/measure'
import type { GgufPlan } from '@fs/convert/plan'
import type { Checkpoint } from '@fs/core'
import type { Quantization } from '@fs/eval/report'
import { fileSource } from '@fs/formats/node'
import { wasmRowCodec } from '@fs/quant/wasm'
import type { CommonOptions } from '../command.ts'
import { reportFile, writeReport } from '../commands/measure/write-report.ts'
import { cliError } from '../errors.ts'
import { type ForceOption, outputFile } from '../output-file.ts'
import { progressBar } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'

export type ReportOptions = CommonOptions & ForceOption & { readonly report?: string; readonly dryRun?: true }

/**
 * Before anything is opened.
 * @throws FsError `cli/usage` when there would be nothing to report on, or too much; what {@link outputFile} throws for the page
 */
export function checkReportOptions(options: ReportOptions, names: readonly string[], terminal: Terminal): void {
  const { report, dryRun } = options
  if (report === undefined) return
  if (dryRun) throw cliError('cli/usage', '--report is about a file that was written, and --dry-run writes none; leave one of them out', {})
  if (names.length > 1) throw cliError('cli/usage', `--report is about one file, and ${names.length} types were asked for; name one`, {})
  outputFile(report, options, terminal)
}

/** @returns what was measured; undefined without `--report` */
export async function reportErrors(
  planned: GgufPlan,
  { checkpoint, label }: { readonly checkpoint: Checkpoint; readonly label: string },
  options: ReportOptions,
  terminal: Terminal,
): Promise<Quantization | undefined> {
  if (options.report === undefined) return undefined
  const codec = await wasmRowCodec()
  const outputs = await Promise.all(planned.plan.outputs.map(({ path }) => fileSource(path)))
  const bar = progressBar(terminal, 'measuring what was lost', options.quiet ? 'quiet' : 'normal')
  try {
    const tensors = await outputErrors({
      plan: planned.plan,
      sources: checkpoint.tensors.files,
      outputs,
      codec,
      signal: terminal.signal,
      onProgress: ({ writtenBytes, totalBytes }) => bar.update(writtenBytes, totalBytes),
    })
    const { type, size } = planned.outputs[0]!
    const quantization: Quantization = { model: label, type, size, tensors: tensors.flat() }
    await writeReport(reportFile(options, terminal), (reports) => reports.quantizationReport(quantization))
    return quantization
  } finally {
    bar.finish()
    codec.dispose()
    await Promise.all(outputs.map((output) => output.close()))
  }
}
