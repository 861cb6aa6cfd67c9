import { describe, expect, test } from 'vitest'
import { leftOutNotices } from './left-out.ts'

describe('parts for another task', () => {
  const parts = [
    { tensors: /^pooler\./, what: 'the pooler' },
    { tensors: /^tower\./, what: 'the image encoder' },
  ]

  test('are said once each, with the first of their tensors and how many more', () => {
    expect(leftOutNotices(parts, ['a.weight', 'pooler.weight', 'pooler.bias', 'tower.0', 'b.weight'])).toEqual([
      { code: 'arch/left-out', message: 'pooler.weight and 1 more left out: the pooler' },
      { code: 'arch/left-out', message: 'tower.0 left out: the image encoder' },
    ])
  })

  test('that a checkpoint does not have are not spoken of', () => {
    expect(leftOutNotices(parts, ['pooler_norm.weight'])).toEqual([])
  })
})
