// The WebAssembly in the repository is what its sources compile to: builds it again and compares the bytes.
// It does not test the kernels; the tests of `@fs/quant` do.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SKIPPED } from './run-check.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** SHA-256 of every committed .wasm of the package, by path. */
function digests(): ReadonlyMap<string, string> {
  const paths = globSync('packages/quant/src/**/*.wasm', { cwd: ROOT }).sort()
  return new Map(
    paths.map((path) => [
      path,
      createHash('sha256')
        .update(readFileSync(ROOT + path))
        .digest('hex'),
    ]),
  )
}

const before = digests()
if (before.size === 0) {
  console.log('there is no WebAssembly in packages/quant yet')
  process.exit(SKIPPED)
}
execFileSync('pnpm', ['--filter', '@fs/quant', 'run', 'build:wasm'], { cwd: ROOT, stdio: 'inherit' })
const changed = [...digests()].filter(([path, digest]) => before.get(path) !== digest).map(([path]) => path)
for (const path of changed)
  console.error(`${path} is not what its sources compile to; commit what \`pnpm --filter @fs/quant build:wasm\` makes`)
process.exitCode = changed.length === 0 ? 0 : 1
