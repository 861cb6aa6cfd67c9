// Without the optional peer the engine says what to install.
import { expect, test, vi } from 'vitest'
import { loadLiteRtLm } from './node/load-litert-lm.ts'

vi.mock('@litert-lm/core', () => {
  throw new Error("Cannot find package '@litert-lm/core'")
})

test('a missing @litert-lm/core is named', async () => {
  await expect(loadLiteRtLm()).rejects.toEqual(
    expect.objectContaining({ code: 'runtime/engine-missing', message: expect.stringContaining('install') }),
  )
})
