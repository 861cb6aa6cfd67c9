import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { withLargePages } from './large-pages.ts'
import { start } from './test-support/process.test-support.ts'
import { EXAMPLE, useFolder } from './test-support/terminal.test-support.ts'

const folder = useFolder()
const ON_REQUEST = 'always [madvise] never\n'
const SETTING = '/sys/kernel/mm/transparent_hugepage/enabled'
const onRequestHere = existsSync(SETTING) && readFileSync(SETTING, 'utf8') === ON_REQUEST && process.execve !== undefined

test('asked for where Linux gives them on request only, by commands that run models', () => {
  expect(withLargePages('run', { HOME: '/me' }, ON_REQUEST)).toEqual({ HOME: '/me', GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' })
  expect(withLargePages('run', { GLIBC_TUNABLES: 'glibc.malloc.arena_max=1' }, ON_REQUEST)).toEqual({
    GLIBC_TUNABLES: 'glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1',
  })
})

test.each<[why: string, command: string | undefined, tunables: string | undefined, setting: string | null]>([
  ['the command runs no model', 'inspect', undefined, ON_REQUEST],
  ['there is no command', undefined, undefined, ON_REQUEST],
  ['somebody has decided already', 'run', 'glibc.malloc.hugetlb=0', ON_REQUEST],
  ['all memory has them', 'run', undefined, '[always] madvise never\n'],
  ['nobody has them', 'run', undefined, 'always madvise [never]\n'],
  ['Linux says nothing', 'run', undefined, null],
])('left as it is where %s', (_why, command, GLIBC_TUNABLES, setting) => {
  expect(withLargePages(command, { GLIBC_TUNABLES }, setting)).toBeNull()
})

test.skipIf(!onRequestHere)('the process that answers is the one that was started, with its arguments, input and exit code', async () => {
  const options = { folder: folder.path, input: 'ROMEO:' }
  const parameters = ['run', EXAMPLE, '--no-chat', '--greedy', '--max-tokens', '8']
  const large = start(parameters, options)
  const usual = await start(parameters, { ...options, environment: { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=0' } }).ended
  expect(await large.ended).toEqual(usual)
  expect([usual.code, usual.out.length > 8]).toEqual([0, true])
  const refused = start(['run', './none', 'x'], options)
  expect(await refused.ended).toMatchObject({ code: 1, err: expect.stringContaining('./none') })

  const chat = start(['chat', EXAMPLE, '--greedy', '--max-tokens', '8'], { folder: folder.path, input: 'Hello' })
  const tunables = () => readFileSync(`/proc/${chat.child.pid}/environ`, 'latin1')
  await expect.poll(tunables, { timeout: 10_000 }).toContain('glibc.malloc.hugetlb=1')
  expect((await chat.ended).code).toBe(0)
})
