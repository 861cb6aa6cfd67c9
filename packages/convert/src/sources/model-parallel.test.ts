// Which way Meta's matrices were cut, by names and shapes alone. Their numbers are held against a whole checkpoint in `meta.test.ts`.
import type { TensorInfo } from '@fs/core'
import { expect, test } from 'vitest'
import { wholeTensors } from './model-parallel.ts'

const HIDDEN = 8

/** A tensor of each part, with these shapes. */
function parts(name: string, ...shapes: readonly (readonly number[])[]): Map<string, TensorInfo> {
  return new Map(
    shapes.map((shape, file) => {
      const full = `consolidated.${String(file).padStart(2, '0')}/${name}`
      return [full, { name: full, type: 'BF16', shape, file, offset: 0, byteLength: 0 }]
    }),
  )
}

test.each<[name: string, shapes: readonly (readonly number[])[], whole: readonly number[]]>([
  [
    'layers.3.attention.wq.weight',
    [
      [4, 8],
      [4, 8],
    ],
    [8, 8],
  ],
  [
    'layers.3.attention.wo.weight',
    [
      [8, 4],
      [8, 4],
    ],
    [8, 8],
  ],
  [
    'layers.3.feed_forward.w1.weight',
    [
      [6, 8],
      [6, 8],
      [6, 8],
    ],
    [18, 8],
  ],
  [
    'layers.3.feed_forward.w2.weight',
    [
      [8, 6],
      [8, 6],
      [8, 6],
    ],
    [8, 18],
  ],
  [
    'output.weight',
    [
      [5, 8],
      [5, 8],
    ],
    [10, 8],
  ],
  ['layers.3.ffn_norm.weight', [[8], [8]], [8]],
  // Llama 3 divides the tokens, Llama 1 and 2 the columns.
  [
    'tok_embeddings.weight',
    [
      [5, 8],
      [5, 8],
    ],
    [10, 8],
  ],
  [
    'tok_embeddings.weight',
    [
      [10, 4],
      [10, 4],
    ],
    [10, 8],
  ],
])('%s of %j is %j', (name, shapes, whole) => {
  const tensors = wholeTensors(parts(name, ...shapes), HIDDEN, 'llama')
  expect([...tensors].map(([key, { shape }]) => [key, shape])).toEqual([[name, whole]])
})

test.each<[what: string, tensors: Map<string, TensorInfo>]>([
  ['a tensor that one part lacks', new Map([...parts('norm.weight', [8], [8]), ...parts('output.weight', [5, 8])])],
  [
    'a tensor that only a later part has',
    new Map([...parts('norm.weight', [8], [8]), ...[...parts('output.weight', [5, 8], [5, 8])].slice(1)]),
  ],
  ['slices of different widths', parts('output.weight', [5, 8], [5, 7])],
  ['slices that are no matrices', parts('output.weight', [5, 8], [40])],
])('%s: the parts are not of one checkpoint', (_what, tensors) => {
  expect(() => wholeTensors(tensors, HIDDEN, 'llama')).toThrow(expect.objectContaining({ code: 'convert/model-parallel' }))
})

test('a checkpoint in one file is as it was', () => {
  const tensors = new Map([...parts('norm.weight', [8]).values()].map((tensor) => ['norm.weight', tensor]))
  expect(wholeTensors(tensors, HIDDEN, 'llama')).toBe(tensors)
})
