// The last line of CI: adds up what vitest, the checks and the steps of `.ci/run` wrote down.
// Runs on the machine's own Node (>= 20), since the installation may be what failed.
// Usage: node count.mjs FOLDER STEP…   Exits with 0, or with 3 when something failed.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, ...steps] = process.argv.slice(2)

function readIfThere(name) {
  const path = join(folder, name)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

/** One outcome per test of a vitest report; a file that does not load has no tests to fail, so it fails itself. */
function testOutcomes(report) {
  return report.testResults.flatMap(({ name, status, assertionResults }) => {
    const outcomes = assertionResults.map((test) => ({
      name: `${name}: ${test.fullName}`,
      result: test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped',
    }))
    const unexplained = status === 'failed' && !outcomes.some(({ result }) => result === 'failed')
    return unexplained ? [...outcomes, { name, result: 'failed' }] : outcomes
  })
}

/** What happened inside a step, where it wrote that down. */
const reports = {
  test: (text) => testOutcomes(JSON.parse(text)),
  check: (text) => JSON.parse(text).map(({ name, result }) => ({ name: `check ${name}`, result })),
}

/** A step with a report counts as what the report says, and as one more failure when it failed and the report does not say why. */
function stepOutcomes(step) {
  const status = readIfThere(`${step}.step`)?.trim()
  const text = readIfThere(`${step}.json`)
  const inside = text === undefined ? [] : reports[step](text)
  if (status === undefined) return [...inside, { name: `${step} was never finished`, result: 'failed' }]
  if (status !== '0')
    return inside.some(({ result }) => result === 'failed')
      ? inside
      : [...inside, { name: `${step} ended with ${status}`, result: 'failed' }]
  if (Object.hasOwn(reports, step)) return text === undefined ? [{ name: `${step} left no report`, result: 'failed' }] : inside
  return [{ name: step, result: 'passed' }]
}

const outcomes = steps.flatMap(stepOutcomes)
const number = (wanted) => outcomes.filter(({ result }) => result === wanted).length
for (const { name, result } of outcomes) if (result === 'failed') console.log(`failed: ${name}`)
const skipped = number('skipped')
console.log(`${number('passed')} passed, ${number('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = number('failed') === 0 ? 0 : 3
