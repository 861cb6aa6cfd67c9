// From an entry file to everything that comes with it at run time, across the workspace packages.
// It follows values only: an `import type` is gone before the code runs.
import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { readModule } from './imports.ts'
import { type ExportTarget, type Manifest, PACKAGES } from './workspace.ts'

/** A built-in module of Node that an entry reaches, and the chain of files that leads to it. */
export type BuiltinUse = { readonly builtin: string; readonly chain: readonly string[] }

/**
 * The source file behind `specifier` as written in `from`, or undefined when it is not ours (a library, a built-in).
 * @throws Error when a workspace package has no such export.
 */
export function resolveSource(specifier: string, from: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier)
  const [, id, rest] = /^@fs\/([^/]+)(\/.*)?$/.exec(specifier) ?? []
  const owner = PACKAGES.find((item) => item.id === id)
  if (owner === undefined) return undefined
  const target = targetOf(owner.manifest.exports ?? {}, `.${rest ?? ''}`)
  if (target === undefined) throw new Error(`${from} imports ${specifier}, which ${owner.folder}/package.json does not export`)
  return sourceOf(owner.folder, target)
}

/** The TypeScript file an export stands for, relative to the root, with `*` as it is; undefined for a file that is exported unbuilt. */
export function sourceOf(folder: string, target: ExportTarget): string | undefined {
  const source = typeof target === 'string' ? undefined : target.source
  return source === undefined ? undefined : posix.join(folder, source)
}

/** The target of a subpath, which a pattern such as `./types/*` may stand for. */
function targetOf(exports: NonNullable<Manifest['exports']>, subpath: string): ExportTarget | undefined {
  const exact = exports[subpath]
  if (exact !== undefined) return exact
  for (const [pattern, target] of Object.entries(exports)) {
    const [before = '', after] = pattern.split('*')
    if (after === undefined || !subpath.startsWith(before) || !subpath.endsWith(after) || typeof target === 'string') continue
    const part = subpath.slice(before.length, subpath.length - after.length)
    return Object.fromEntries(Object.entries(target).map(([condition, path]) => [condition, path.replace('*', part)]))
  }
  return undefined
}

/** Every use of a Node built-in that running `entry` (relative to the root) would reach. */
export function builtinsReached(entry: string): readonly BuiltinUse[] {
  const uses: BuiltinUse[] = []
  const seen = new Set<string>()
  const visit = (path: string, chain: readonly string[]): void => {
    if (seen.has(path)) return
    seen.add(path)
    const here = [...chain, path]
    for (const { specifier, typeOnly } of readModule(path).imports) {
      if (typeOnly) continue
      if (isBuiltin(specifier)) uses.push({ builtin: specifier, chain: here })
      const next = resolveSource(specifier, path)
      if (next?.endsWith('.ts')) visit(next, here)
    }
  }
  visit(entry, [])
  return uses
}
