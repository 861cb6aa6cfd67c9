import { existsSync, globSync } from 'node:fs'
import parseChangeset from '@changesets/parse'
import { describe, expect, test } from 'vitest'
import { PACKAGES, PUBLISHED, ROOT, readText } from './workspace.ts'

const names = globSync('*.md', { cwd: `${ROOT}.changeset` }).filter((name) => name !== 'README.md')
const changesets = names.map((name) => ({ name, ...parseChangeset(readText(`.changeset/${name}`)) }))

describe.each(changesets.map((item) => [item.name, item] as const))('.changeset/%s', (_name, { releases, summary }) => {
  test('names packages that exist, and how much they change', () => {
    const unknown = releases.filter(({ name }) => !PACKAGES.some((item) => item.manifest.name === name))
    expect(unknown).toEqual([])
    expect(releases.length).toBeGreaterThan(0)
  })

  test('is one sentence on one line', () => {
    expect(summary).toMatch(/^[A-Z`@][^\n]*\.$/)
  })
})

test.each(PUBLISHED.map((item) => [item.manifest.name, item] as const))('%s is announced by a changeset or a changelog', (name, item) => {
  const pending = changesets.some(({ releases }) => releases.some((release) => release.name === name))
  expect(pending || existsSync(`${ROOT}${item.folder}/CHANGELOG.md`)).toBe(true)
})
