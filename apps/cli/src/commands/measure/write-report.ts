// `--report FILE.html` of the commands that measure. The plotting library is loaded only when a page is asked for.
import { renameSync, writeFileSync } from 'node:fs'
import { type Terminal, userPath } from '../../terminal/terminal.ts'

type Reports = typeof import('@fs/eval/report')

/** Does nothing without a file. A report of before is replaced: it is made from the same command. */
export async function writeReport(
  file: string | undefined,
  make: (reports: Reports) => Promise<string>,
  terminal: Terminal,
): Promise<void> {
  if (file === undefined) return
  const path = userPath(terminal, file)
  writeFileSync(`${path}.partial`, await make(await import('@fs/eval/report')))
  renameSync(`${path}.partial`, path)
}
