// `--report FILE.html` of the commands that measure. The plotting library is loaded only when a page is asked for.
import { type ForceOption, type OutputFile, outputFile, writeOutput } from '../../output-file.ts'
import type { Terminal } from '../../terminal/terminal.ts'

type Reports = typeof import('@fs/eval/report')

/** Before the work begins. @throws FsError where the page cannot be written, or exists */
export function reportFile(options: ForceOption & { readonly report?: string }, terminal: Terminal): OutputFile | undefined {
  return options.report === undefined ? undefined : outputFile(options.report, options, terminal)
}

/** Does nothing without a file. */
export async function writeReport(file: OutputFile | undefined, make: (reports: Reports) => Promise<string>): Promise<void> {
  if (file !== undefined) writeOutput(file, await make(await import('@fs/eval/report')))
}
