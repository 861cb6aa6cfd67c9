import { describe, expect, test } from 'vitest'
import { readModule } from './imports.ts'
import { isTest, listFiles, PACKAGES, readText } from './workspace.ts'

const sources = PACKAGES.flatMap((item) => item.sources)
const longest = 300
/** A reason in words, or a generator's mark. */
const excuse = /^\/\/ (Longer than 300 lines because \S|@generated)/m
const configuration = /\.config\.ts$/
const leftovers = /\b(TODO|FIXME|XXX|HACK)\b/

describe('source files', () => {
  test('open with a comment that says what they are', () => {
    const silent = sources.filter((path) => !isTest(path) && !/^(#!.*\n)?(\/\/ \S|\/\*\*)/.test(readText(path)))
    expect(silent).toEqual([])
  })

  test(`have at most ${longest} lines, or say why not`, () => {
    const long = sources.map((path) => ({ path, text: readText(path) })).filter(({ text }) => text.split('\n').length - 1 > longest)
    expect(long.filter(({ text }) => !excuse.test(text)).map(({ path }) => path)).toEqual([])
  })

  test('lie alone: what the compiler makes is in dist', () => {
    expect(listFiles('{packages,apps,tooling}/*/src/**/*.{js,d.ts,map}')).toEqual([])
  })

  test('export names, never a default', () => {
    expect(sources.filter((path) => !configuration.test(path) && readModule(path).hasDefaultExport)).toEqual([])
  })
})

describe('nothing is left for later', () => {
  test('in comments', () => {
    expect(sources.filter((path) => readModule(path).comments.some((comment) => leftovers.test(comment)))).toEqual([])
  })

  test('in the form of code that says it is not there yet', () => {
    expect(sources.filter((path) => /throw new Error\(['"`]not (yet )?implemented/i.test(readText(path)))).toEqual([])
  })

  test('on pages', () => {
    const pages = listFiles('{*.md,docs/**/*.md,packages/*/*.md,apps/*/*.md,tooling/*/*.md}')
    expect(pages.filter((path) => leftovers.test(readText(path)))).toEqual([])
  })
})
