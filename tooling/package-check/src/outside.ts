// A stranger's project that has every package installed: imports each export at run time and compiles against its types.
// It installs nothing: our packages come from their .tgz, libraries are linked from where the workspace has them.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Packed, ROOT } from './pack.ts'
import type { Example } from './readmes.ts'

/** Makes the libraries of the packed packages resolvable, each at the version its package has in the workspace. */
export function linkLibraries(packages: readonly Packed[]): void {
  for (const { folder, unpacked, manifest } of packages) {
    for (const name of Object.keys(manifest.dependencies ?? {}).filter((dependency) => !dependency.startsWith('@fs/'))) {
      const link = join(unpacked, 'node_modules', name)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(join(folder, 'node_modules', name), link)
    }
  }
}

type Entry = { readonly specifier: string; readonly runsInNode: boolean }

/** What can be imported from a package; a pattern such as `./types/*` stands for each file it matches. */
function entriesOf({ manifest, files }: Packed): readonly Entry[] {
  return Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
    if (typeof target === 'string') return []
    return expand(subpath, target.default ?? '', files).map((path) => ({
      specifier: manifest.name + path.slice(1),
      runsInNode: !/\/browser(\/|$)/.test(path),
    }))
  })
}

function expand(subpath: string, target: string, files: readonly string[]): readonly string[] {
  const [before = '', after] = target.slice('./'.length).split('*')
  if (after === undefined) return [subpath]
  return files
    .filter((path) => path.startsWith(before) && path.endsWith(after))
    .map((path) => subpath.replace('*', path.slice(before.length, path.length - after.length)))
}

/** Problems found by importing every entry of every package in Node, from built JavaScript. */
export function importFromOutside(outside: string, packages: readonly Packed[]): readonly string[] {
  const specifiers = packages
    .flatMap(entriesOf)
    .filter(({ runsInNode }) => runsInNode)
    .map(({ specifier }) => specifier)
  const script = join(outside, 'import-all.mjs')
  writeFileSync(
    script,
    `for (const specifier of ${JSON.stringify(specifiers)}) {
      await import(specifier).catch((error) => console.log(specifier + ': ' + error.message))
    }`,
  )
  return lines(() => execFileSync(process.execPath, [script], { cwd: outside, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }))
}

/** Problems found by compiling a file that imports every entry, our declarations, and the examples. */
export function compileFromOutside(outside: string, packages: readonly Packed[], examples: readonly Example[]): readonly string[] {
  const uses = packages
    .flatMap(entriesOf)
    .map(({ specifier }, index) => `import * as entry${index} from '${specifier}'\nvoid entry${index}\n`)
  writeFileSync(join(outside, 'package.json'), JSON.stringify({ type: 'module', private: true }))
  writeFileSync(join(outside, 'all.ts'), uses.join(''))
  const compilerOptions = {
    target: 'ES2024',
    lib: ['ES2024', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
    module: 'NodeNext',
    strict: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
    // Ours are named in `files` and checked as such; those of libraries are theirs to check.
    skipLibCheck: true,
  }
  const files = ['all.ts', ...declarations(packages), ...examples.map(({ path }) => path)]
  writeFileSync(join(outside, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  return lines(() =>
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', outside], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
  )
}

function declarations(packages: readonly Packed[]): readonly string[] {
  return packages.flatMap(({ unpacked, files }) => files.filter((path) => path.endsWith('.d.ts')).map((path) => join(unpacked, path)))
}

/** Problems with commands: each must exist, be executable and answer to `--version`. */
export function runCommands(packages: readonly Packed[]): readonly string[] {
  return packages.flatMap(({ unpacked, manifest }) =>
    Object.entries(manifest.bin ?? {}).flatMap(([command, target]) => {
      const path = join(unpacked, target)
      if (!existsSync(path)) return [`${command}: ${target} is not in the package`]
      const said = lines(() => execFileSync(process.execPath, [path, '--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }))
      return said.length === 1 && said[0]?.includes(manifest.version) ? [] : [`${command} --version says: ${said.join(' ') || 'nothing'}`]
    }),
  )
}

/** Lines a command printed, whether it ended well or not. */
function lines(run: () => string): readonly string[] {
  let text: string
  try {
    text = run()
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    text = `${stdout}${stderr}` || String(error)
  }
  return text.split('\n').filter((line) => line.trim() !== '')
}
