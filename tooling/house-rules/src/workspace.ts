// What lies in the repository, read once for all rules: packages, their manifests, their source files.
// It states no rule; the rules are the tests beside it.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The repository's root, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** One subpath of `exports`: a file's path, or a path per condition. */
export type ExportTarget = string | { readonly [condition: string]: string }

/** The fields of a package.json that the rules read. */
export type Manifest = {
  readonly name: string
  readonly private?: boolean
  readonly description?: string
  readonly license?: string
  readonly type?: string
  readonly sideEffects?: unknown
  readonly engines?: { readonly node?: string }
  readonly files?: readonly string[]
  readonly bin?: { readonly [name: string]: string }
  readonly exports?: { readonly [subpath: string]: ExportTarget }
  readonly publishConfig?: { readonly access?: string }
  readonly dependencies?: { readonly [name: string]: string }
  readonly peerDependencies?: { readonly [name: string]: string }
  readonly optionalDependencies?: { readonly [name: string]: string }
  readonly devDependencies?: { readonly [name: string]: string }
}

export type Package = {
  /** Folder name under `packages/`, `apps/` or `tooling/`; `@fs/` and this is the package's name. */
  readonly id: string
  readonly area: 'packages' | 'apps' | 'tooling'
  /** Relative to the root, without a slash at the end. */
  readonly folder: string
  readonly manifest: Manifest
  /** TypeScript files, relative to the root, tests included. */
  readonly sources: readonly string[]
}

const skipped = ['**/node_modules/**', '**/dist/**', '**/fixtures/**', '**/assembly/**', '**/.*/**']

/** Text of a file named relative to the root. */
export function readText(path: string): string {
  return readFileSync(ROOT + path, 'utf8')
}

/** Paths relative to the root, sorted, without what tools make and what tests only read. */
export function listFiles(pattern: string): readonly string[] {
  return globSync(pattern, { cwd: ROOT, exclude: skipped })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
}

function readPackage(manifestPath: string): Package {
  const folder = manifestPath.slice(0, -'/package.json'.length)
  const [area, id] = folder.split('/') as [Package['area'], string]
  return { id, area, folder, manifest: JSON.parse(readText(manifestPath)) as Manifest, sources: listFiles(`${folder}/**/*.ts`) }
}

/** Every workspace package. */
export const PACKAGES: readonly Package[] = listFiles('{packages,apps,tooling}/*/package.json').map(readPackage)

/** The packages that go to npm. */
export const PUBLISHED: readonly Package[] = PACKAGES.filter((item) => item.manifest.private !== true)

export function isTest(path: string): boolean {
  return /\.(test|test-d|test-support|bench)\.ts$/.test(path)
}
