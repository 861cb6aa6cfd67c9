import { weight } from '@fs/arch/weights'
import type { Imatrix } from '@fs/formats/imatrix'
import { describe, expect, it } from 'vitest'
import { textWindows } from '../scoring/windows.ts'
import { collectImatrix } from './collect.ts'
import { mergeImatrices } from './merge.ts'
import { importanceStatistics } from './statistics.ts'

const windows = textWindows(
  Int32Array.from({ length: 20 }, (_, index) => index),
  { contextLength: 8, beginningToken: 99 },
)

const weights = [
  weight('layers.0.attention.query.weight', 'q.weight', 'blk.0.attn_q.weight'),
  weight(
    ['layers.0.feed_forward.experts.gate.weight'],
    { names: ['gate.weight'], store: [] },
    {
      names: ['blk.0.ffn_gate_exps.weight'],
      store: [{ kind: 'unstack', count: 2 }],
    },
  ),
  weight('output.weight', 'lm_head.weight', 'output.weight'),
]

/** Layers that read the token ids themselves; the second expert sees even tokens only. */
const run = async (tokens: readonly number[]) => {
  const squares = (values: readonly number[]) => ({
    sums: Float32Array.of(
      values.reduce((sum, value) => sum + value * value, 0),
      values.length,
    ),
    count: values.length,
  })
  return new Map([
    ['layers.0.attention.query', squares(tokens)],
    ['layers.0.feed_forward.experts.1.gate', squares(tokens.filter((token) => token % 2 === 0))],
    ['output', squares(tokens)],
  ])
}

const collect = (output: 'leave-out' | 'include') => collectImatrix(run, windows, { weights, output, dataset: 'text' })

describe('an importance matrix', () => {
  it('sums squared inputs by channel under GGUF names, each expert by itself', async () => {
    const imatrix = await collect('leave-out')
    const read = [99, 1, 2, 3, 4, 5, 6, 7, 99, 9, 10, 11, 12, 13, 14, 15]
    const squares = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0)
    const even = read.filter((token) => token % 2 === 0)
    expect(imatrix).toEqual({
      entries: new Map([
        ['blk.0.attn_q.weight', { sums: Float32Array.of(squares(read), 16), counts: Float32Array.of(16) }],
        [
          'blk.0.ffn_gate_exps.weight',
          { sums: Float32Array.of(0, 0, squares(even), even.length), counts: Float32Array.of(0, even.length) },
        ],
      ]),
      datasets: ['text'],
      chunkCount: 2,
      chunkSize: 8,
    })
  })

  it('holds the output matrix when asked to', async () => {
    expect((await collect('include')).entries.has('output.weight')).toBe(true)
  })

  it('adds up with another one', async () => {
    const one = await collect('leave-out')
    const both = mergeImatrices([one, one])
    expect(both.chunkCount).toBe(4)
    expect(both.datasets).toEqual(['text'])
    const [before, after] = [one, both].map(({ entries }) => entries.get('blk.0.attn_q.weight')!)
    expect(after!.sums).toEqual(before!.sums.map((sum) => 2 * sum))
    expect(after!.counts).toEqual(Float32Array.of(32))
  })

  it('of another model does not', async () => {
    const other: Imatrix = {
      entries: new Map([['blk.0.attn_q.weight', { sums: new Float32Array(3), counts: Float32Array.of(1) }]]),
      datasets: [],
      chunkCount: 1,
      chunkSize: 8,
    }
    const one = await collect('leave-out')
    expect(() => mergeImatrices([one, other])).toThrow(expect.objectContaining({ code: 'eval/imatrix-mismatch' }))
  })

  it('tells the uneven tensors first, and how many experts were reached', async () => {
    const rows = importanceStatistics(await collect('leave-out'))
    expect(rows.map(({ coverage }) => coverage).sort()).toEqual([0.5, 1])
    expect(rows[0]!.evenness).toBeLessThan(rows[1]!.evenness)
  })
})
