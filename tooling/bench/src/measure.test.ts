import { expect, test } from 'vitest'
import { measure } from './measure.ts'

const node = (script: string) => ({ program: process.execPath, args: ['-e', script] })

test('time and peak memory are those of the child, and the peak outlives a release', async () => {
  const wait = 'setTimeout(() => {}, 150)'
  const small = await measure([node(wait)])
  const large = await measure([node(`let block = Buffer.alloc(200e6, 1); block = undefined; ${wait}`)])
  expect(small.seconds).toBeGreaterThan(0.15)
  if (process.platform !== 'linux') return
  expect(large.peakBytes).toBeGreaterThan((small.peakBytes ?? Number.POSITIVE_INFINITY) + 150e6)
})

test('processor time is what the child computes, in all its threads, and not what it waits', async () => {
  if (process.platform !== 'linux') return
  const busy = 'for (const end = performance.now() + 300; performance.now() < end; );'
  const thread = `new (require('node:worker_threads').Worker)(${JSON.stringify(busy)}, { eval: true })`
  const waiting = await measure([node('setTimeout(() => {}, 400)')])
  const working = await measure([node(`${thread}; ${thread}`)])
  expect(waiting.processorSeconds).toBeLessThan(0.3)
  expect(working.processorSeconds).toBeGreaterThan((waiting.processorSeconds ?? 0) + 0.1)
})

test('commands of one contender add up in time, and the larger peak counts', async () => {
  const both = await measure([node('setTimeout(() => {}, 100)'), node('setTimeout(() => {}, 100)')])
  expect(both.seconds).toBeGreaterThan(0.2)
})

test('a command that fails stops the measurement with what it said', async () => {
  await expect(measure([node('console.error("no such model"); process.exit(3)')])).rejects.toThrow(/ended with 3:\nno such model/)
})

test('what the last command printed is kept, without what it said beside that', async () => {
  const said = await measure([node('console.log("first")'), node('console.error("aside"); console.log("second")')])
  expect(said.printed).toBe('second\n')
})
