// `pnpm new:arch NAME --from llama [--family arch-llama]`: writes what a new architecture needs and says what is left to fill in.
// What it writes is decided in `plan.ts`.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Plan, planArchitecture } from './plan.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const usage = 'Usage: pnpm new:arch NAME --from llama [--family arch-llama]'

function fail(message: string, code: number): never {
  console.error(message)
  process.exit(code)
}

function plan(args: readonly string[]): Plan {
  const options = { from: { type: 'string' }, family: { type: 'string' } } as const
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const [id, ...more] = positionals
  if (id === undefined || more.length > 0 || values.from === undefined) return fail(usage, 2)
  const { from, family } = values
  return planArchitecture({ root: ROOT, id, from, ...(family === undefined ? {} : { family }) })
}

let files: Plan
try {
  files = plan(process.argv.slice(2))
} catch (error) {
  fail((error as Error).message, 2)
}
for (const [path, text] of files) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true })
  writeFileSync(join(ROOT, path), text)
}
const written = [...files.keys()]
execFileSync('biome', ['check', '--write', '--log-level=error', ...written.filter((path) => path.endsWith('.ts'))], {
  cwd: ROOT,
  stdio: 'inherit',
})
console.log(`Written:
${written.map((path) => `  ${path}`).join('\n')}

Now say in ${written[0]} what differs: names of the architecture on the Hub and in GGUF, published checkpoints, fields,
weight rows, decoder. ${files.has('packages/registry/package.json') ? 'Run `pnpm install`, since the registry has a new dependency. ' : ''}CONTRIBUTING.md walks through one; \`pnpm test tooling/arch-conformance\` names what is missing.`)
