import { describe, expect, test } from 'vitest'
import { isTest, PACKAGES, readText } from './workspace.ts'

const isTable = (path: string): boolean => path.endsWith('/errors.ts')

type Declared = { readonly code: string; readonly where: string }

/** The codes of every table handed to `errorFactory` in a package's own sources: `'area/what': 'sentence'` rows. */
function declaredCodes(): readonly Declared[] {
  const declared: Declared[] = []
  for (const path of PACKAGES.filter((item) => item.area !== 'tooling').flatMap((item) => item.sources)) {
    if (isTest(path) || !isTable(path)) continue
    for (const [, code] of readText(path).matchAll(/^\s*'([a-z0-9-]+\/[a-z0-9-]+)':/gm))
      if (code !== undefined) declared.push({ code, where: path })
  }
  return declared
}

const declared = declaredCodes()
const shipped = PACKAGES.filter((item) => item.area !== 'tooling')
const mentions = (paths: readonly string[]): string => paths.map(readText).join('\n')
const testedCodes = new Set(mentions(PACKAGES.flatMap((item) => item.sources).filter(isTest)).match(/[a-z0-9-]+\/[a-z0-9-]+/g))

describe('error codes', () => {
  test('belong to one table each', () => {
    const owners = Map.groupBy(declared, ({ code }) => code)
    expect(
      [...owners].filter(([, places]) => places.length > 1).map(([code, places]) => `${code}: ${places.map(({ where }) => where)}`),
    ).toEqual([])
  })

  test('are each provoked by a test', () => {
    expect(declared.filter(({ code }) => !testedCodes.has(code)).map(({ code, where }) => `${code} (${where})`)).toEqual([])
  })

  test.each(shipped.map((item) => [item.folder, item] as const))('of %s are all thrown somewhere', (_folder, item) => {
    const own = declared.filter(({ where }) => item.sources.includes(where))
    const code = mentions(item.sources.filter((path) => !isTest(path) && !isTable(path)))
    expect(own.filter((row) => !code.includes(`'${row.code}'`)).map((row) => row.code)).toEqual([])
  })

  test('come from a table in a file named errors.ts', () => {
    const elsewhere = shipped
      .flatMap((item) => item.sources)
      .filter((path) => !isTest(path) && !isTable(path) && readText(path).includes('errorFactory('))
    expect(elsewhere).toEqual([])
  })
})
