// Read-ahead saves requests: that it gives the right bytes is in the conformance suite.
import { expect, test } from 'vitest'
import { memorySource } from './memory.ts'
import { readAhead } from './read-ahead.ts'

function counted() {
  const inner = memorySource(new Uint8Array(1000), 'model.bin')
  const reads: [offset: number, length: number][] = []
  return {
    reads,
    source: {
      ...inner,
      read: (offset: number, length: number) => {
        reads.push([offset, length])
        return inner.read(offset, length)
      },
    },
  }
}

test('many small reads become few large ones, large ones pass through', async () => {
  const { reads, source } = counted()
  const ahead = readAhead(source, { chunk: 100 })
  for (let offset = 0; offset < 250; offset += 10) await ahead.read(offset, 10)
  await ahead.read(300, 500)
  expect(reads).toEqual([
    [0, 100],
    [100, 100],
    [200, 100],
    [300, 500],
  ])
})

test('small reads at the same time share one request; a failed one is tried again', async () => {
  const { reads, source } = counted()
  const ahead = readAhead(source, { chunk: 100 })
  await Promise.all([ahead.read(0, 5), ahead.read(5, 5), ahead.read(50, 5)])
  expect(reads).toHaveLength(1)
  let fails = true
  const flaky = readAhead({ ...source, read: (offset, length) => (fails ? Promise.reject(new Error('cut')) : source.read(offset, length)) })
  await expect(flaky.read(0, 5)).rejects.toThrow('cut')
  fails = false
  expect(await flaky.read(0, 5)).toHaveLength(5)
})
