import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
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
})

describe('a model too large to be run twice', () => {
  const terminal = () => ({ folder: folder.path, signal: new AbortController().signal }) as Parameters<typeof checkOutputs>[2]
  const check = async (path: string, type = 'Q4_0') => {
    const outputs = [{ path: folder.file(path), type }]
    return (await checkOutputs({ reference: EXAMPLE, outputs, values: 7e9, notices: ['gguf/sliding-window'] }, {}, terminal()))[0]!
  }
  const changed = (...parameters: string[]) =>
    tell(folder.path, ['quantize', 'right.gguf', '--quant', 'q4_0', '--allow-requantize', '-o', 'wrong.gguf', ...parameters])

  beforeEach(async () => {
    await convert('--quant', 'q4_0', '-o', 'right.gguf', '--no-verify')
  })

  test('has its ids, settings and rows of every weight compared, and the rest named', async () => {
    const path = folder.file('right.gguf')
    expect(checkInWords(await check('right.gguf'))).toBe(
      `checked Q4_0: the same ids for 267 tokens, rows of every weight as their types allow; not run, which takes 70.0 GB: fartsovka verify ${path} --reference ${EXAMPLE}`,
    )
  })

  test('a wrong setting is found, and named', async () => {
    await changed('--override-kv', 'llama.rope.freq_base=float:1234')
    expect(checkInWords(await check('wrong.gguf'))).toMatch(/does NOT compute[\s\S]*position\.base was 10000 and is 1234/)
  })

  test('a tensor that holds other rows is found, and named', async () => {
    const bytes = readFileSync(folder.file('right.gguf'))
    const { out } = await tell(folder.path, ['inspect', 'right.gguf', '--tensors', '--json'])
    const list: readonly { name: string; offset: number; byteLength: number }[] = JSON.parse(out)
    const [key, query] = ['blk.1.attn_k.weight', 'blk.0.attn_k.weight'].map((name) => list.find((tensor) => tensor.name === name)!)
    bytes.copy(bytes, query!.offset, key!.offset, key!.offset + key!.byteLength)
    writeFileSync(folder.file('wrong.gguf'), bytes)
    expect(checkInWords(await check('wrong.gguf'))).toMatch(/layers\.0\.attention\.key\.weight \(Q4_0\) departs from the reference/)
  })
})
