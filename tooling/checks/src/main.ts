// `pnpm check [NAME…]`: runs the static checks two at a time and ends with one verdict.
// `--report FILE` also writes the outcomes as JSON, for `.ci/run`.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CHECKS, type Check } from './checks.ts'
import { type Outcome, runCheck } from './run-check.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const atOnce = 2

const { values, positionals } = parseArgs({ options: { report: { type: 'string' } }, allowPositionals: true })
const unknown = positionals.filter((name) => !CHECKS.some((check) => check.name === name))
if (unknown.length > 0) {
  console.error(`No check is named ${unknown.join(', ')}. There are: ${CHECKS.map(({ name }) => name).join(', ')}.`)
  process.exit(2)
}

function isWanted({ name }: Check): boolean {
  return (
    positionals.length === 0 ||
    positionals.includes(name) ||
    CHECKS.some((other) => other.after === name && positionals.includes(other.name))
  )
}

function show({ name, result, seconds, output }: Outcome): void {
  const mark = { passed: 'ok', failed: 'FAILED', skipped: 'skipped' }[result]
  console.log(`${name.padEnd(12)} ${mark} (${seconds.toFixed(1)} s)${result === 'skipped' ? `: ${output}` : ''}`)
  if (result === 'failed') console.log(output.replaceAll(/^/gm, '    '))
}

const outcomes = new Map<string, Promise<Outcome>>()
const waiting = CHECKS.filter(isWanted)

async function startWhenReady(check: Check): Promise<Outcome> {
  const first = check.after === undefined ? undefined : await outcomes.get(check.after)
  if (first === undefined || first.result === 'passed') return runCheck(check, ROOT)
  return { name: check.name, result: 'failed', seconds: 0, output: `${first.name} did not pass, so this could not run` }
}

/** Takes checks off the queue until it is empty; those that wait for another one stand behind it. */
async function work(): Promise<void> {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const outcome = startWhenReady(check)
    outcomes.set(check.name, outcome)
    show(await outcome)
  }
}

await Promise.all(Array.from({ length: atOnce }, work))
const results = await Promise.all(outcomes.values())
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(results))
const failed = results.filter(({ result }) => result === 'failed')
console.log(failed.length === 0 ? `All ${results.length} checks hold.` : `Not holding: ${failed.map(({ name }) => name).join(', ')}.`)
process.exitCode = failed.length === 0 ? 0 : 1
