// What a new architecture adds to the repository, as texts by path: its folder, its export, its line in the registry, its changeset.
// It writes nothing; `main.ts` does, once all of it is known to work out.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import { type ArchNames, archNames } from './names.ts'
import { skeleton } from './skeleton.ts'

export type Request = {
  /** The repository's root. */
  readonly root: string
  readonly id: string
  /** Id of the architecture it resembles. */
  readonly from: string
  /** Folder name of the family package, such as `arch-llama`; that of `from` when absent. */
  readonly family?: string
}

/** Text to write, by path relative to the root. */
export type Plan = ReadonlyMap<string, string>

const registryFile = 'packages/registry/src/architectures.ts'
const registryManifest = 'packages/registry/package.json'

/** @throws Error with a sentence when the names, the family or the registry do not allow it. */
export function planArchitecture({ root, id, from, family }: Request): Plan {
  const [names, source] = [archNames(id), archNames(from)]
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  const [sourcePath] = globSync(`packages/arch-*/src/${from}/${from}.ts`, { cwd: root }).map((path) => path.replaceAll('\\', '/'))
  if (sourcePath === undefined) throw new Error(`there is no architecture "${from}" to start from; ${known(root)}`)
  const [existing] = globSync(`packages/arch-*/src/${id}`, { cwd: root })
  if (existing !== undefined) throw new Error(`there is an architecture "${id}" already, in ${existing}`)
  const sourceFamily = sourcePath.split('/')[1] ?? ''
  const home = family ?? sourceFamily
  if (!existsSync(join(root, `packages/${home}/package.json`))) {
    throw new Error(`there is no family package packages/${home}; ${families(root)}`)
  }

  const folder = `packages/${home}/src/${id}`
  const plan = new Map<string, string>()
  if (home === sourceFamily) {
    // A cousin: it shares the helpers of the family.
    plan.set(
      `${folder}/${id}.ts`,
      skeleton(read(sourcePath), source, names, (specifier) => towards(folder, sourcePath, specifier)),
    )
  } else {
    // Families never import one another, so the helpers come along under the new name.
    const helpers = helpersOf(sourcePath, read)
    const rename = (text: string): string => text.replaceAll(source.camel, names.camel).replaceAll(source.pascal, names.pascal)
    const sideways = (specifier: string): string => (specifier.startsWith('.') ? `./${basename(specifier)}` : specifier)
    const main = skeleton(read(sourcePath), source, names, sideways)
    plan.set(`${folder}/${id}.ts`, renameIdentifiers(main, source, names))
    for (const helper of helpers) plan.set(`${folder}/${basename(helper)}`, rename(flatImports(read(helper))))
  }
  plan.set(`packages/${home}/src/index.ts`, withExport(read(`packages/${home}/src/index.ts`), names))
  plan.set(registryFile, withArchitecture(read(registryFile), `@fs/${home}`, names))
  const manifest = JSON.parse(read(registryManifest)) as { dependencies: { [name: string]: string } }
  if (!Object.hasOwn(manifest.dependencies, `@fs/${home}`)) {
    manifest.dependencies[`@fs/${home}`] = 'workspace:^'
    plan.set(registryManifest, `${JSON.stringify(manifest, null, 2)}\n`)
  }
  plan.set(`.changeset/${id}.md`, `---\n'@fs/${home}': minor\n'@fs/registry': minor\n---\n\nAdded the ${names.title} architecture.\n`)
  return plan
}

function known(root: string): string {
  // Other folders of a family hold something else, such as dialects.
  const ids = globSync('packages/arch-*/src/*/*.ts', { cwd: root })
    .filter((path) => basename(path) === `${basename(dirname(path))}.ts`)
    .map((path) => basename(path, '.ts'))
  return `there are ${ids.sort().join(', ')}`
}

function families(root: string): string {
  return `there are ${globSync('packages/arch-*', { cwd: root })
    .map((path) => basename(path))
    .sort()
    .join(', ')}`
}

/** The specifier, from `folder`, of what a file imports by a relative one. */
function towards(folder: string, importer: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier
  return posix.relative(folder, posix.join(posix.dirname(importer), specifier))
}

const relativeImport = /(from ')(\.{1,2}\/[^']+)(')/g

/** Every file that comes with one by relative imports, itself left out. */
function helpersOf(path: string, read: (path: string) => string): readonly string[] {
  const seen = new Set([path])
  for (const file of seen) {
    for (const [, , specifier = ''] of read(file).matchAll(relativeImport)) seen.add(posix.join(posix.dirname(file), specifier))
  }
  seen.delete(path)
  return [...seen]
}

/** Relative imports of a file whose neighbours all move into its own folder. */
function flatImports(text: string): string {
  return text.replace(relativeImport, (_, before: string, specifier: string, after: string) => `${before}./${basename(specifier)}${after}`)
}

/** Renames what a family's files call themselves, except in the two lines at the top, which name the origin on purpose. */
function renameIdentifiers(text: string, from: ArchNames, to: ArchNames): string {
  const [first = '', second = '', ...rest] = text.split('\n')
  return [first, second, rest.join('\n').replaceAll(from.camel, to.camel).replaceAll(from.pascal, to.pascal)].join('\n')
}

function withExport(index: string, { id, camel }: ArchNames): string {
  return `${index.trimEnd()}\nexport { ${camel} } from './${id}/${id}.ts'\n`
}

/** @throws Error when the registry's file does not look as this expects. */
function withArchitecture(registry: string, packageName: string, { camel }: ArchNames): string {
  const list = /(ARCHITECTURES: readonly Architecture\[\] = \[)([^\]]*)(\])/
  if (!list.test(registry)) throw new Error(`${registryFile} has no list named ARCHITECTURES to add a line to`)
  const listed = registry.replace(list, (_, open: string, items: string, close: string) => {
    return `${open}${items.trim().replace(/,$/, '')}, ${camel}${close}`
  })
  const ours = new RegExp(`import \\{ ([^}]*?),? \\} from '${packageName}'`)
  if (ours.test(listed)) return listed.replace(ours, `import { $1, ${camel} } from '${packageName}'`)
  return listed.replace(/\n\n/, `\nimport { ${camel} } from '${packageName}'\n\n`)
}
