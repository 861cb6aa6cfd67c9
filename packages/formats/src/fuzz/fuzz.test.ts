// The fuzzer with a fixed start and budget, as it runs with every change. Without end: `node --conditions=source src/fuzz/main.ts`.
import { FsError } from '@fs/core'
import { expect, test } from 'vitest'
import { memorySource } from '../bytes/memory.ts'
import { fuzzCase, runCase, runFuzz } from './run.ts'
import { FUZZ_TARGETS } from './targets.ts'

/** Milliseconds over all targets. */
const BUDGET = 3000

test.each(FUZZ_TARGETS.map((target) => [target.id, target] as const))('%s keeps its promise on spoiled files', async (_id, target) => {
  const report = await runFuzz(target, 1, performance.now() + BUDGET / FUZZ_TARGETS.length, 300)
  expect(report.failure && { ...report.failure, bytes: Buffer.from(report.failure.bytes).toString('base64') }).toBeUndefined()
  // A generator that makes only rubbish, or only sound files, would find nothing.
  const accepted = report.outcomes.get('accepted') ?? 0
  expect(accepted / report.cases).toBeGreaterThan(0.1)
  expect(accepted / report.cases).toBeLessThan(0.95)
})

test('a seed always makes the same case', () => {
  for (const target of FUZZ_TARGETS) expect(fuzzCase(target, 42)).toEqual(fuzzCase(target, 42))
})

test('a reader that breaks its promise is caught', async () => {
  const broken = (read: () => unknown) => ({ id: 'broken', build: () => new Uint8Array(8), read: async () => read() })
  const reasonOf = async (read: () => unknown) => runCase(broken(read), new Uint8Array(8))
  expect(await reasonOf(() => ([] as { x: number }[]).at(0)!.x)).toMatchObject({ reason: expect.stringContaining('TypeError') })
  expect(await reasonOf(() => new Uint8Array(2 ** 28))).toMatchObject({ reason: expect.stringContaining('memory') })
  expect(await reasonOf(() => memorySource(new Uint8Array(8), 'x').read(0, 9))).toMatchObject({
    reason: expect.stringContaining('outside'),
  })
  expect(await reasonOf(() => Promise.reject(new FsError('a/b', 'fine')))).toEqual({ code: 'a/b' })
})
