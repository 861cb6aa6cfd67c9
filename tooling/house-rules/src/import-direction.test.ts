import { describe, expect, test } from 'vitest'
import { readModule } from './imports.ts'
import { ALLOWED_IMPORTS, TEST_SUPPORT } from './layers.ts'
import { isTest, PACKAGES, type Package } from './workspace.ts'

const scope = '@fs/'
const knownIds = new Set(PACKAGES.map((item) => item.id))

type Edge = { readonly to: string; readonly where: string; readonly ships: boolean }

/** Every workspace package that `item` names in its package.json or imports, with the place that says so. */
function edgesOf(item: Package): readonly Edge[] {
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = item.manifest
  const where = `${item.folder}/package.json`
  const named = (record: object | undefined, ships: boolean) => Object.keys(record ?? {}).map((name) => ({ name, where, ships }))
  const imported = item.sources.flatMap((path) =>
    readModule(path).imports.map(({ specifier }) => ({ name: specifier, where: path, ships: !isTest(path) })),
  )
  return [...named({ ...dependencies, ...peerDependencies, ...optionalDependencies }, true), ...named(devDependencies, false), ...imported]
    .filter(({ name }) => name.startsWith(scope))
    .map(({ name, where, ships }) => ({ to: name.slice(scope.length).split('/')[0] ?? '', where, ships }))
    .filter(({ to }) => to !== item.id)
}

describe('the picture itself', () => {
  test('runs downhill: no package reaches itself', () => {
    const reaches = (from: string, goal: string): boolean =>
      (ALLOWED_IMPORTS[from] ?? []).some((next) => next === goal || reaches(next, goal))
    expect(Object.keys(ALLOWED_IMPORTS).filter((id) => reaches(id, id))).toEqual([])
  })

  test('has a place for every package', () => {
    expect([...knownIds].filter((id) => !Object.hasOwn(ALLOWED_IMPORTS, id))).toEqual([])
  })

  test('has stand-ins for tests at the very bottom', () => {
    expect(TEST_SUPPORT.filter((id) => ALLOWED_IMPORTS[id]?.length !== 0)).toEqual([])
  })
})

describe.each(PACKAGES.map((item) => [item.folder, item] as const))('%s', (_folder, item) => {
  test('is named after its folder', () => {
    expect(item.manifest.name).toBe(scope + item.id)
  })

  test('imports only what lies below it', () => {
    const allowed = ALLOWED_IMPORTS[item.id] ?? []
    const uphill = edgesOf(item).filter(({ to, ships }) => !allowed.includes(to) && (ships || !TEST_SUPPORT.includes(to)))
    expect(uphill.map(({ to, where }) => `${where} imports @fs/${to}`)).toEqual([])
  })

  test('declares each workspace package that its sources import', () => {
    const { dependencies, peerDependencies, optionalDependencies, devDependencies } = item.manifest
    const declared = { ...dependencies, ...peerDependencies, ...optionalDependencies, ...devDependencies }
    const missing = edgesOf(item).filter(({ to }) => !Object.hasOwn(declared, scope + to))
    expect(missing.map(({ to, where }) => `${where} imports @fs/${to}`)).toEqual([])
  })
})
