import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileChain } from './rows.ts'
import { composeChains, inverseChain, inverseOf, type Transform, transformShapes } from './transforms.ts'

type Matrix = { shape: readonly number[]; values: Float32Array }

/** Applies a chain to whole matrices through the compiled row sources: the plain meaning of the executor's work. */
function apply(chain: readonly Transform[], inputs: readonly Matrix[]): Matrix[] {
  return compileChain(
    chain,
    inputs.map((input) => input.shape),
  ).map((output) => {
    const values = new Float32Array(output.rows * output.rowLength)
    for (let row = 0; row < output.rows; row++) {
      const { input, row: sourceRow } = output.source(row)
      for (let column = 0; column < output.rowLength; column++) {
        const source = inputs[input]
        const width = source === undefined ? 0 : source.shape.length === 1 ? 1 : source.shape.at(-1)!
        const value =
          source === undefined
            ? 0
            : output.transposed
              ? source.values[column * width + sourceRow]!
              : source.values[sourceRow * width + column]!
        values[row * output.rowLength + column] = value + output.add
      }
    }
    return { shape: output.shape, values }
  })
}

const numbered = (shape: readonly number[], start = 0): Matrix => {
  const count = shape.reduce((product, dimension) => product * dimension, 1)
  return { shape, values: Float32Array.from({ length: count }, (_, index) => start + index) }
}

const heads = fc.integer({ min: 1, max: 4 })
const width = fc.integer({ min: 1, max: 5 })

/** A transform together with inputs it can take. Adding a kind to `Transform` without a row here fails to compile. */
const cases: { readonly [Kind in Transform['kind']]: fc.Arbitrary<readonly [Transform, readonly Matrix[]]> } = {
  'interleave-rope': fc
    .tuple(heads, heads, width)
    .map(([count, pairs, columns]) => [{ kind: 'interleave-rope', heads: count }, [numbered([count * pairs * 2, columns])]]),
  'deinterleave-rope': fc
    .tuple(heads, heads, width)
    .map(([count, pairs, columns]) => [{ kind: 'deinterleave-rope', heads: count }, [numbered([count * pairs * 2, columns])]]),
  add: fc.tuple(width, width).map(([rows, columns]) => [{ kind: 'add', value: 1 }, [numbered([rows, columns])]]),
  transpose: fc.tuple(width, width).map(([rows, columns]) => [{ kind: 'transpose' }, [numbered([rows, columns])]]),
  join: fc
    .tuple(fc.array(width, { minLength: 1, maxLength: 4 }), width)
    .map(([rows, columns]) => [{ kind: 'join', rows }, rows.map((count, part) => numbered([count, columns], part * 100))]),
  split: fc
    .tuple(fc.array(width, { minLength: 1, maxLength: 4 }), width)
    .map(([rows, columns]) => [{ kind: 'split', rows }, [numbered([rows.reduce((a, b) => a + b), columns])]]),
  'join-heads': fc
    .tuple(heads, heads, width, width)
    .map(([count, parts, perHead, columns]) => [
      { kind: 'join-heads', heads: count, parts },
      Array.from({ length: parts }, (_, part) => numbered([count * perHead, columns], part * 1000)),
    ]),
  'split-heads': fc
    .tuple(heads, heads, width, width)
    .map(([count, parts, perHead, columns]) => [
      { kind: 'split-heads', heads: count, parts },
      [numbered([count * parts * perHead, columns])],
    ]),
  stack: fc
    .tuple(heads, width, width)
    .map(([count, rows, columns]) => [
      { kind: 'stack', count },
      Array.from({ length: count }, (_, part) => numbered([rows, columns], part * 100)),
    ]),
  unstack: fc.tuple(heads, width, width).map(([count, rows, columns]) => [{ kind: 'unstack', count }, [numbered([count, rows, columns])]]),
  'pad-rows': fc
    .tuple(width, width, width)
    .map(([before, after, columns]) => [{ kind: 'pad-rows', before, after }, [numbered([3, columns])]]),
  // What is dropped is gone, so the inverse restores only tensors whose dropped rows were zero.
  'drop-rows': fc
    .tuple(width, width)
    .map(([before, after]) => [{ kind: 'drop-rows', before, after }, apply([{ kind: 'pad-rows', before, after }], [numbered([3, 2])])]),
}

describe.each(Object.entries(cases))('%s', (_, arbitrary) => {
  test('its inverse restores every input', () => {
    fc.assert(
      fc.property(arbitrary, ([transform, inputs]) => {
        expect(apply([inverseOf(transform)], apply([transform], inputs))).toEqual(inputs)
      }),
    )
  })

  test('a chain followed by its inverse composes to nothing', () => {
    fc.assert(
      fc.property(arbitrary, ([transform]) => {
        expect(composeChains([transform], inverseChain([transform]))).toEqual([])
      }),
    )
  })
})

test('interleave-rope takes rows (half, pair) to (pair, half) within each head', () => {
  const [out] = apply([{ kind: 'interleave-rope', heads: 2 }], [numbered([8, 1])])
  expect([...out!.values]).toEqual([0, 2, 1, 3, 4, 6, 5, 7])
})

test('vectors are rearranged like the rows of their matrix', () => {
  const [out] = apply([{ kind: 'interleave-rope', heads: 1 }], [numbered([4])])
  expect([...out!.values]).toEqual([0, 2, 1, 3])
})

test('a Conv1D that joins three projections is transposed, then split', () => {
  const [query, key] = apply([{ kind: 'transpose' }, { kind: 'split', rows: [1, 1, 1] }], [numbered([2, 3])])
  expect([...query!.values]).toEqual([0, 3])
  expect([...key!.values]).toEqual([1, 4])
})

test('shapes a transform cannot take are refused', () => {
  expect(() => transformShapes({ kind: 'interleave-rope', heads: 3 }, [[8, 4]])).toThrow(/multiple of 2 x 3 heads/)
  expect(() => transformShapes({ kind: 'join', rows: [2, 2] }, [[2, 4]])).toThrow(/rows/)
  expect(() => compileChain([{ kind: 'split', rows: [1, 1] }, { kind: 'join', rows: [1, 1] }, { kind: 'transpose' }], [[2, 2]])).toThrow(
    /transpose first/,
  )
})
