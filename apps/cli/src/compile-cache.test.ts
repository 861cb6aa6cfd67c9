import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { start } from './test-support/process.test-support.ts'
import { useFolder } from './test-support/terminal.test-support.ts'

const folder = useFolder()
const version = (environment: { readonly [name: string]: string }) =>
  start(['--version'], { folder: folder.path, environment: { NODE_COMPILE_CACHE: '', ...environment } }).ended

describe('compiled modules', () => {
  test('are kept in the cache folder of the user, and nowhere else', async () => {
    expect(await version({ XDG_CACHE_HOME: folder.file('caches') })).toMatchObject({ code: 0, err: '' })
    expect(readdirSync(folder.file('caches/fartsovka/compiled'))).toHaveLength(1)
    expect(readdirSync(folder.path)).toEqual(['caches'])
  })

  test('are kept below the home folder without one', async () => {
    expect(await version({})).toMatchObject({ code: 0, err: '' })
    expect(existsSync(folder.file('.cache/fartsovka/compiled'))).toBe(true)
  })

  test('are kept where Node is told to, or not at all', async () => {
    expect(await version({ NODE_COMPILE_CACHE: folder.file('chosen') })).toMatchObject({ code: 0 })
    expect(readdirSync(folder.path)).toEqual(['chosen'])
    expect(await version({ NODE_DISABLE_COMPILE_CACHE: '1', XDG_CACHE_HOME: folder.file('caches') })).toMatchObject({ code: 0 })
    expect(readdirSync(folder.path)).toEqual(['chosen'])
  })

  test('are done without where that folder cannot be made', async () => {
    writeFileSync(folder.file('caches'), 'a file')
    expect(await version({ XDG_CACHE_HOME: folder.file('caches') })).toMatchObject({ code: 0, err: '' })
  })
})
