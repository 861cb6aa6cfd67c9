// Models pass through no file unless somebody asks for it.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { localBackend } from './local-backend.ts'

const LARGE = 2 ** 30

test('no copy of a model is made, however large it is', async () => {
  expect(await (await localBackend(1, undefined)).stage(LARGE)).toBeNull()
  expect(await (await localBackend(1, '')).stage(LARGE)).toBeNull()
})

test('a scratch folder is used where one is named', async () => {
  expect(await (await localBackend(1, tmpdir())).stage(LARGE)).not.toBeNull()
})

test('a scratch folder that is none is named, before anything is read', async () => {
  const path = join(tmpdir(), 'no such folder')
  await expect(localBackend(1, path)).rejects.toMatchObject({ code: 'cli/usage', message: expect.stringContaining(path) })
})
