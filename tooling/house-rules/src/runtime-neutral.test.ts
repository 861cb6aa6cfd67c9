import { expect, test } from 'vitest'
import { builtinsReached, resolveSource, sourceOf } from './import-graph.ts'
import { readModule } from './imports.ts'
import { listFiles, PACKAGES, type Package } from './workspace.ts'

/** Subpaths that promise to work in browsers and Node alike: all but those that say otherwise in their name. */
function neutralEntries(item: Package): readonly (readonly [string, string])[] {
  return Object.entries(item.manifest.exports ?? {}).flatMap(([subpath, target]) => {
    const source = sourceOf(item.folder, target)
    if (source === undefined || /\/(node|browser)(\/|$)/.test(subpath)) return []
    return listFiles(source).map((path) => [`${item.manifest.name}${subpath.slice(1)}`, path] as const)
  })
}

const entries = PACKAGES.filter((item) => item.area === 'packages').flatMap(neutralEntries)

test.each(entries)('%s (%s) runs where there is no Node', (_name, source) => {
  expect(builtinsReached(source).map(({ builtin, chain }) => `${chain.join(' > ')} > ${builtin}`)).toEqual([])
})

test.each(PACKAGES.map((item) => [item.folder, item] as const))('%s imports other packages by their exports only', (folder, item) => {
  const strays = item.sources.flatMap((path) =>
    readModule(path)
      .imports.filter(({ specifier }) => {
        const target = resolveSource(specifier, path)
        return specifier.startsWith('.') && target !== undefined && !target.startsWith(`${folder}/`)
      })
      .map(({ specifier }) => `${path} imports ${specifier}`),
  )
  expect(strays).toEqual([])
})
