import { describe, expect, test } from 'vitest'
import { readModule } from './imports.ts'
import { isTest, listFiles, PACKAGES, readText } from './workspace.ts'

const sources = PACKAGES.flatMap((item) => item.sources)
const longest = 300
const excuse = /^\/\/ Longer than 300 lines because \S/m
const configuration = /\.config\.ts$/
// Spelled in pieces, so that this file does not find itself.
const leftovers = new RegExp(
  `\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b|throw new Error\\(['"\`]not (yet )?implemented`,
)

describe('source files', () => {
  test('open with a comment that says what they are', () => {
    const silent = sources.filter((path) => !isTest(path) && !/^(#!.*\n)?(\/\/ \S|\/\*\*)/.test(readText(path)))
    expect(silent).toEqual([])
  })

  test(`have at most ${longest} lines, or say why not`, () => {
    const long = sources.map((path) => ({ path, text: readText(path) })).filter(({ text }) => text.split('\n').length - 1 > longest)
    expect(long.filter(({ text }) => !excuse.test(text)).map(({ path }) => path)).toEqual([])
  })

  test('export names, never a default', () => {
    expect(sources.filter((path) => !configuration.test(path) && readModule(path).hasDefaultExport)).toEqual([])
  })
})

test('nothing is left for later', () => {
  const texts = [...sources, ...listFiles('{*.md,docs/**/*.md,packages/*/*.md,apps/*/*.md,tooling/*/*.md}')]
  expect(texts.filter((path) => leftovers.test(readText(path)))).toEqual([])
})
