// Packages as npm would publish them: packed by pnpm, which puts real versions in place of `workspace:` and `catalog:`.
// It judges nothing; `main.ts` does.
import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** What the checks read of a packed package.json. */
export type PackedManifest = {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly exports?: { readonly [subpath: string]: string | { readonly [condition: string]: string } }
  readonly bin?: { readonly [name: string]: string }
  readonly dependencies?: { readonly [name: string]: string }
}

export type Packed = {
  /** Where the package lives in the repository. */
  readonly folder: string
  /** The .tgz file. */
  readonly tarball: string
  /** Where the .tgz was unpacked: a `node_modules/@fs/<name>` of a folder outside the repository. */
  readonly unpacked: string
  readonly manifest: PackedManifest
  /** Names of the files in the .tgz, relative to the package. */
  readonly files: readonly string[]
}

/** Packs every public package and unpacks them side by side in a new folder outside the repository. */
export function packAll(): { readonly outside: string; readonly packages: readonly Packed[] } {
  const outside = mkdtempSync(join(tmpdir(), 'fartsovka-packages-'))
  const folders = globSync('{packages,apps}/*/package.json', { cwd: ROOT })
    .map((path) => join(ROOT, dirname(path)))
    .filter((folder) => readManifest(folder).private !== true)
    .sort()
  const filters = folders.flatMap((folder) => ['--filter', `./${relative(ROOT, folder)}`])
  execFileSync('pnpm', ['--recursive', ...filters, 'pack', '--pack-destination', outside], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return { outside, packages: folders.map((folder) => unpack(folder, outside)) }
}

function readManifest(folder: string): PackedManifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackedManifest
}

function unpack(folder: string, outside: string): Packed {
  const { name, version } = readManifest(folder)
  const tarball = join(outside, `${name.slice(1).replace('/', '-')}-${version}.tgz`)
  const unpacked = join(outside, 'node_modules', name)
  mkdirSync(unpacked, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components=1'])
  const files = globSync('**/*', { cwd: unpacked, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(unpacked.length + 1))
  return { folder, tarball, unpacked, manifest: readManifest(unpacked), files }
}
