// New tokens that a graph hands out by themselves land behind their row's others, whichever rows run together.
import { Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import type { CacheRow, CacheStore } from './cache-store.ts'
import { sharedStore } from './shared-store.ts'

const HEADS = 2
const tensors = [{ past: 'past', output: { name: 'new', holds: 'appended' }, heads: HEADS, dimension: 1, type: 'float32' }] as const

/** One number a token and head: the token's, and 100 more for the second head. */
const tokensOf = (...numbers: readonly number[]): readonly number[] => numbers.flatMap((number) => [number, number + 100])

type Added = { readonly row: CacheRow; readonly cached: number; readonly numbers: readonly number[] }

/** What a session does in one call: it is fed the rows in the store's order, and gives back what is new of each. */
function add(store: CacheStore, rows: readonly Added[]): void {
  const added = rows[0]!.numbers.length
  const { rows: order } = store.prepare(
    rows.map(({ row }) => row),
    Math.max(...rows.map(({ cached }) => cached + added)),
  )
  const ordered = order.map((row) => rows.find((candidate) => candidate.row === row)!)
  const numbers = Float32Array.from(ordered.flatMap((input) => tokensOf(...input.numbers)))
  store.accept(ordered, added, { new: new Tensor('float32', numbers, [rows.length, added, HEADS]) })
}

/** The first `length` tokens of a row, as a session would be fed them: all of the first head, then all of the second. */
function contents(store: CacheStore, row: CacheRow, length: number): readonly number[] {
  const { data, dims } = store.prepare([row], length).feeds.past!
  const capacity = dims[2]!
  return Array.from({ length: HEADS }, (_, head) => [...(data as Float32Array).subarray(head * capacity, head * capacity + length)]).flat()
}

describe('rows of a shared cache', () => {
  test('keep what was appended, token after token', () => {
    const store = sharedStore(tensors, 1000, Tensor)
    const row = store.open()
    add(store, [{ row, cached: 0, numbers: [1, 2, 3] }])
    add(store, [{ row, cached: 3, numbers: [4] }])
    expect(contents(store, row, 4)).toEqual([1, 2, 3, 4, 101, 102, 103, 104])
  })

  test('overwrite what was cut off', () => {
    const store = sharedStore(tensors, 1000, Tensor)
    const row = store.open()
    add(store, [{ row, cached: 0, numbers: [1, 2, 3] }])
    add(store, [{ row, cached: store.cut(row, 1), numbers: [7, 8] }])
    expect(contents(store, row, 3)).toEqual([1, 7, 8, 101, 107, 108])
  })

  test('of different lengths take their tokens together, also when room has to be made', () => {
    const store = sharedStore(tensors, 1000, Tensor)
    const [short, closed, long] = [store.open(), store.open(), store.open()]
    const many = Array.from({ length: 40 }, (_, index) => index)
    add(store, [{ row: short, cached: 0, numbers: [1, 2] }])
    add(store, [{ row: long, cached: 0, numbers: many }])
    store.close(closed)
    for (let step = 0; step < 60; step++) {
      add(store, [
        { row: long, cached: 40 + step, numbers: [1000 + step] },
        { row: short, cached: 2 + step, numbers: [2000 + step] },
      ])
    }
    const first = [1, 2, ...Array.from({ length: 60 }, (_, step) => 2000 + step)]
    expect(contents(store, short, 62)).toEqual([...first, ...first.map((number) => number + 100)])
    const second = [...many, ...Array.from({ length: 60 }, (_, step) => 1000 + step)]
    expect(contents(store, long, 100)).toEqual([...second, ...second.map((number) => number + 100)])
  })

  test('reserve an eighth more at most, and never more than a sequence may have', () => {
    const store = sharedStore(tensors, 4100, Tensor)
    const row = store.open()
    const capacity = (length: number): number => store.prepare([row], length).feeds.past!.dims[2]!
    expect([1, 33, 600, 4097].map(capacity)).toEqual([32, 64, 640, 4100])
  })
})
