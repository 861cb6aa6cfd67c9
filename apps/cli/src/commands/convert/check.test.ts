import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../test-support/terminal.test-support.ts'
import { checkInWords, checkOutputs } from './check.ts'

const NAMES = resolve(import.meta.dirname, '../../../../../../shared/realdata/gpt2-makemore-names-hf')

const folder = useFolder()
const convert = (...parameters: string[]) => tell(folder.path, ['convert', EXAMPLE, ...parameters])

describe('a conversion ends by holding its result against the original', () => {
  test('the same numbers: the same logits', async () => {
    const { code, err } = await convert('--quant', 'bf16')
    expect([code, err]).toEqual([
      0,
      expect.stringContaining('checked BF16: the same ids for 532 tokens, weights as their types allow, the same results'),
    ])
  })

  test('fewer bits: how far the logits moved, for each file', async () => {
    const { code, out } = await convert('--quant', 'q8_0,q2_k', '--json')
    expect(code).toBe(0)
    const [q8, q2] = JSON.parse(out).checks
    expect([q8.holds, q2.holds]).toEqual([true, true])
    expect(q8.nmse).toBeGreaterThan(0)
    expect(q2.nmse).toBeGreaterThan(20 * q8.nmse)
  })

  test.each(['F32', 'Q2_K'])('a wrong rope base in %s is found, and named', async (type) => {
    await convert('--quant', type, '-o', 'right.gguf', '--no-verify')
    const wrong = folder.file('wrong.gguf')
    await tell(folder.path, [
      'quantize',
      'right.gguf',
      '--quant',
      type,
      '--allow-requantize',
      '-o',
      wrong,
      '--override-kv',
      'llama.rope.freq_base=float:1234',
    ])
    const terminal = { folder: folder.path, signal: new AbortController().signal } as Parameters<typeof checkOutputs>[2]
    const [check] = await checkOutputs(
      { reference: EXAMPLE, outputs: [{ path: wrong, type }], values: 1e6, notices: ['gguf/sliding-window'] },
      {},
      terminal,
    )
    expect(check).toMatchObject({ kind: 'done', holds: false })
    expect(checkInWords(check!)).toMatch(/does NOT compute what the original computes[\s\S]*position\.base/)
  })

  test.skipIf(!existsSync(NAMES))(
    'a context of 16 tokens and an empty list of merges (realdata/gpt2-makemore-names-hf; skipped where it is absent)',
    async () => {
      const { code, err } = await tell(folder.path, ['convert', NAMES, '--quant', 'f32,q4_0', '-o', 'out/'])
      expect([code, err.match(/checked \w+: the same ids for 28 tokens/g)]).toEqual([0, expect.objectContaining({ length: 2 })])
    },
  )

  test('--no-verify leaves it out', async () => {
    const { code, err } = await convert('--quant', 'f32', '--no-verify')
    expect([code, err.includes('checked')]).toEqual([0, false])
  })

  test('a model too large to be held twice is left to verify, in one sentence', async () => {
    const outputs = [{ path: 'large-Q4_0.gguf', type: 'Q4_0' }]
    const terminal = {} as Parameters<typeof checkOutputs>[2]
    const [check] = await checkOutputs({ reference: 'org/large', outputs, values: 7e9, notices: [] }, {}, terminal)
    expect(checkInWords(check!)).toBe(
      'not checked: running both models takes 56.0 GB of memory; to check, run: fartsovka verify large-Q4_0.gguf --reference org/large',
    )
  })
})
