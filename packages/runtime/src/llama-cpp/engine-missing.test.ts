// Without the optional peer the engine says what to install.
import { expect, test, vi } from 'vitest'
import { openLlamaCppModel } from './open-llama-cpp-model.ts'

vi.mock('node-llama-cpp', () => {
  throw new Error("Cannot find package 'node-llama-cpp'")
})

test('a missing node-llama-cpp is named', async () => {
  await expect(openLlamaCppModel({ path: 'model.gguf', contextLength: 8, sequences: 1 })).rejects.toEqual(
    expect.objectContaining({ code: 'runtime/engine-missing', message: expect.stringContaining('install') }),
  )
})
