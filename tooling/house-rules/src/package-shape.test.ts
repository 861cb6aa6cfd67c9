import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sourceOf } from './import-graph.ts'
import { listFiles, PACKAGES, PUBLISHED, ROOT, readText } from './workspace.ts'

describe.each(PACKAGES.map((item) => [item.folder, item] as const))('%s', (_folder, { manifest }) => {
  test('says what it is, and under which licence', () => {
    expect(manifest.description ?? '').toMatch(/\.$/)
    expect(manifest.license).toBe('Apache-2.0')
  })

  test('takes versions from the catalog and siblings from the workspace', () => {
    const ranges = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies }
    const loose = Object.entries(ranges).filter(([name, range]) => range !== (name.startsWith('@fs/') ? 'workspace:^' : 'catalog:'))
    expect(loose).toEqual([])
  })
})

describe.each(PUBLISHED.map((item) => [item.folder, item] as const))('%s', (folder, { manifest, area }) => {
  test('has the fields npm users rely on', () => {
    expect(manifest.type).toBe('module')
    expect(manifest.engines?.node).toBe('>=22.18')
    expect(manifest.publishConfig?.access).toBe('public')
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'src', '!src/**/*.test.ts', '!src/**/*.test-support.ts']))
    if (area === 'packages') expect(manifest.sideEffects).toBe(false)
  })

  test('exports sources for this repository, types and JavaScript for everyone else', () => {
    for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
      if (typeof target === 'string') {
        expect(target.startsWith('./dist/') || existsSync(`${ROOT}${folder}/${target}`), `${subpath}: ${target}`).toBe(true)
        continue
      }
      expect(Object.keys(target), subpath).toEqual(['source', 'types', 'default'])
      const source = sourceOf(folder, target) ?? ''
      expect(listFiles(source), `${subpath}: ${source}`).not.toEqual([])
      const built = `./dist/${source.slice(`${folder}/src/`.length, -'.ts'.length)}`
      expect(target, subpath).toMatchObject({ types: `${built}.d.ts`, default: `${built}.js` })
    }
    expect(manifest.exports?.['./package.json']).toBe('./package.json')
  })

  test('has a README with its name and something to run', () => {
    const readme = readText(`${folder}/README.md`)
    expect(readme.split('\n')[0]).toBe(`# ${manifest.name}`)
    expect(readme).toMatch(/^```(ts|sh)$/m)
  })
})
