// The fuzzer without end, by hand: `node --conditions=source packages/formats/src/fuzz/main.ts [target] [--seconds N] [--seed N]`.
// Prints what each target did once a minute; stops at the first broken promise with everything needed to make a test of it.
import { parseArgs } from 'node:util'
import { runFuzz } from './run.ts'
import { FUZZ_TARGETS } from './targets.ts'

/** Seconds one target runs before the next has its turn. */
const TURN = 10

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: 'Infinity' }, seed: { type: 'string' } },
})
const targets = FUZZ_TARGETS.filter(({ id }) => positionals.length === 0 || positionals.includes(id))
if (targets.length === 0) {
  console.error(`no such target; there are ${FUZZ_TARGETS.map(({ id }) => id).join(', ')}`)
  process.exit(2)
}

const end = performance.now() + Number(values.seconds) * 1000
// Another start every time, so that each run sees other cases; the seed of a failure repeats it.
let seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const turn = Math.min(TURN, Number(values.seconds) / targets.length) * 1000
while (performance.now() < end) {
  for (const target of targets) {
    const { cases, outcomes, failure } = await runFuzz(target, seed, Math.min(end, performance.now() + turn))
    const counts = [...outcomes].sort((a, b) => b[1] - a[1]).map(([code, count]) => `${code} ${count}`)
    console.log(`${target.id}: ${cases} cases from seed ${seed}: ${counts.join(', ')}`)
    if (failure !== undefined) {
      console.error(
        `${target.id}, seed ${failure.seed}: ${failure.reason}\nbytes (base64): ${Buffer.from(failure.bytes).toString('base64')}`,
      )
      process.exit(1)
    }
    seed += cases
  }
}
