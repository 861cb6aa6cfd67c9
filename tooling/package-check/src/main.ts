// Packs every public package and looks at the result as npm, publint, TypeScript and Node would.
// It is not a linter of sources; everything here is about what strangers receive.
import { readFileSync, rmSync, statSync } from 'node:fs'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { filterProblems, problemKindInfo } from '@arethetypeswrong/core/problems'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { compileFromOutside, importFromOutside, linkLibraries, runCommands } from './outside.ts'
import { type Packed, packAll } from './pack.ts'
import { runExamples, writeExamples } from './readmes.ts'

/** Only what a user needs: built code, its sources, scripts for a Python of the user's, and the papers. */
const published = /^(dist\/|src\/|python\/[\w-]+\.py$|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/
const unwanted = /\.(test|test-d|bench|test-support)\.|(^|\/)fixtures\//

/** Packed size in bytes, for packages that promise one: what a page or a function in the cloud installs to quantize. */
const LARGEST: { readonly [name: string]: number } = { '@fs/quant': 400_000 }

function sizeProblems({ tarball, manifest }: Packed): readonly string[] {
  const { size } = statSync(tarball)
  const largest = LARGEST[manifest.name]
  return largest === undefined || size <= largest ? [] : [`packed it has ${size} bytes; at most ${largest} are allowed`]
}

async function publintProblems({ unpacked }: Packed): Promise<readonly string[]> {
  // Not packed again: the folder holds what came out of the .tgz and nothing else.
  const { messages, pkg } = await publint({ pkgDir: unpacked, pack: false, strict: true, level: 'warning' })
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`)
}

/** The profile of packages that are modules only: nobody may `require` them, so only ESM and bundlers count. */
async function typeProblems({ tarball, manifest }: Packed): Promise<readonly string[]> {
  if (Object.values(manifest.exports ?? {}).every((target) => typeof target === 'string')) return []
  const result = await checkPackage(createPackageFromTarballData(readFileSync(tarball)), { excludeEntrypoints: ['./package.json'] })
  if (!result.types) return ['attw: the package has no types']
  const esm = [...filterProblems(result, { resolutionKind: 'node16-esm' }), ...filterProblems(result, { resolutionKind: 'bundler' })]
  return [...new Set(esm.map((problem) => `attw: ${problemKindInfo[problem.kind].shortDescription}: ${JSON.stringify(problem)}`))]
}

function contentProblems({ files }: Packed): readonly string[] {
  const strays = files.filter((path) => !published.test(path) || unwanted.test(path))
  const missing = ['README.md', 'LICENSE', 'package.json'].filter((path) => !files.includes(path))
  return [...strays.map((path) => `${path} should not be published`), ...missing.map((path) => `${path} is missing`)]
}

const { outside, packages } = packAll()
linkLibraries(packages)
const problems: string[] = []
for (const item of packages) {
  const found = [...contentProblems(item), ...sizeProblems(item), ...(await publintProblems(item)), ...(await typeProblems(item))]
  problems.push(...found.map((problem) => `${item.manifest.name}: ${problem}`))
}
const examples = writeExamples(outside, packages)
problems.push(...importFromOutside(outside, packages), ...compileFromOutside(outside, packages, examples))
problems.push(...runExamples(examples), ...runCommands(packages))
rmSync(outside, { recursive: true })
for (const problem of problems) console.error(problem)
console.log(
  `${packages.length} packages packed and used from outside, ${examples.length} README examples tried: ${problems.length} problems`,
)
process.exitCode = problems.length === 0 ? 0 : 1
