// Rows of contenders that do the same work, each measured as whole processes, taking turns.
// What the rows are is told by the sections.
import { type Measurement, measure } from './measure.ts'
import type { Row, Section, Setting } from './section.ts'
import { formatTable, gigabytes, type Result, type RowResult } from './table.ts'

/** @param prepare makes the inputs where they are missing; not measured */
export function sideBySide(prepare: (setting: Setting) => Promise<readonly Row[]>): Section['measure'] {
  return async (setting, rounds) => {
    const results: RowResult[] = []
    for (const row of await prepare(setting)) results.push(await measureRow(row, rounds))
    return formatTable(results)
  }
}

/** Contenders take turns, so that whatever else the machine does meets all of them alike. */
async function measureRow({ title, contenders, clear }: Row, rounds: number): Promise<RowResult> {
  const measured = new Map<string, Measurement[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) {
      if (contender.kind === 'absent') continue
      clear()
      const measurement = await measure(contender.commands)
      measured.get(contender.name)?.push(measurement)
      const memory = measurement.peakBytes === undefined ? '' : `, ${gigabytes(measurement.peakBytes)}`
      console.error(`${title}: ${contender.name}: ${measurement.seconds.toFixed(1)} s${memory}`)
    }
  }
  clear()
  const results = contenders.map(
    (contender): Result =>
      contender.kind === 'absent' ? contender : { name: contender.name, kind: 'measured', rounds: measured.get(contender.name) ?? [] },
  )
  return { title, results }
}
