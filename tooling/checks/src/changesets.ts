// A change that users of a package notice comes with a changeset: asks changesets to compare this branch with origin/main.
// Whether each changeset is well written is a rule in `@fs/house-rules`.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { SKIPPED } from './run-check.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const base = 'origin/main'

/** The commit a name stands for, or undefined where this clone has no such name. */
function commitOf(name: string): string | undefined {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--verify', '--quiet', `${name}^{commit}`], { cwd: ROOT, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

const head = commitOf('HEAD')
const main = commitOf(base)
if (main === undefined || main === head) {
  console.log(main === undefined ? `this clone has no ${base} to compare with` : `this is ${base} itself`)
  process.exit(SKIPPED)
}
process.exitCode = spawnSync('changeset', ['status', `--since=${base}`], { cwd: ROOT, stdio: 'inherit' }).status ?? 1
