// `pnpm bench [SECTION…] [--rounds N] [--threads N] [--write] [--built]`: measures contenders side by side and prints a table per section.
// With --write the tables replace those of docs/benchmarks.md, each with the command that made it. Packages are built first, unless --built says they are.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildAll } from './fartsovka.ts'
import type { Section, Setting } from './section.ts'
import { SECTIONS } from './sections.ts'
import { replaceSection } from './table.ts'

const PAGE = fileURLToPath(new URL('../../../docs/benchmarks.md', import.meta.url))

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: String(availableParallelism()) },
    write: { type: 'boolean', default: false },
    built: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})
const unknown = positionals.filter((id) => !SECTIONS.some((section) => section.id === id))
if (unknown.length > 0) {
  console.error(`No section is named ${unknown.join(', ')}. There are: ${SECTIONS.map(({ id }) => id).join(', ')}.`)
  process.exit(2)
}
const rounds = Number(values.rounds)
const setting: Setting = {
  folder: process.env.FARTSOVKA_BENCH_FOLDER ?? join(tmpdir(), 'fartsovka-bench'),
  threads: Number(values.threads),
}

async function runSection(section: Section): Promise<string> {
  const [load = 0] = loadavg()
  const table = await section.measure(setting, rounds)
  const { FARTSOVKA_BENCH_FOLDER: named } = process.env
  const command = `${named === undefined ? '' : `FARTSOVKA_BENCH_FOLDER=${named} `}pnpm bench ${section.id} --rounds ${rounds} --threads ${setting.threads} --write`
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${setting.threads} threads, Node ${process.versions.node}`
  return `${section.about}\n\n${table}\n\nMade by \`${command}\` on ${machine}; medians and largest peak of ${rounds === 1 ? 'one round' : `${rounds} rounds`}; load of the machine at the start: ${load.toFixed(1)}.`
}

if (!values.built) buildAll()
mkdirSync(setting.folder, { recursive: true })
for (const section of SECTIONS.filter(({ id }) => positionals.length === 0 || positionals.includes(id))) {
  const text = await runSection(section)
  console.log(`\n## ${section.title}\n\n${text}`)
  if (values.write) writeFileSync(PAGE, replaceSection(readFileSync(PAGE, 'utf8'), section.id, text))
}
