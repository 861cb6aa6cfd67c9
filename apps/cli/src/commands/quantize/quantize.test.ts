import { readdirSync, readFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../test-support/terminal.test-support.ts'
import { layerList, overrideEntry } from './values.ts'

const folder = useFolder()
const quantize = (...parameters: string[]) => tell(folder.path, ['quantize', ...parameters])
const json = async (...parameters: string[]) => JSON.parse((await tell(folder.path, [...parameters, '--json'])).out)
const made = () => readdirSync(folder.path).sort()

describe('a GGUF file', () => {
  beforeEach(async () => {
    await tell(folder.path, ['convert', EXAMPLE, '--quant', 'f16', '-o', 'bard-F16.gguf'])
  })

  test('becomes each type asked for, from one read, its old type gone from the name', async () => {
    const { code, out } = await quantize('bard-F16.gguf', '--quant', 'Q4_K_M,q8_0', '-o', 'out/')
    expect([code, out.trimEnd().split('\n').length]).toEqual([0, 2])
    expect(readdirSync(folder.file('out')).sort()).toEqual(['bard-Q4_K_M.gguf', 'bard-Q8_0.gguf'])
  })

  test('can lose layers and gain metadata; the plan says it first', async () => {
    const parameters = [
      'bard-F16.gguf',
      '--quant',
      'q8_0',
      '-o',
      'small.gguf',
      '--prune-layers',
      '1',
      '--override-kv',
      'general.name=str:Small',
    ]
    const plan = await json('quantize', ...parameters, '--dry-run')
    expect(plan.tensors.some(({ name }: { name: string }) => name.startsWith('blk.1.'))).toBe(false)
    expect(made()).toEqual(['bard-F16.gguf'])
    expect(await quantize(...parameters)).toMatchObject({ code: 0 })
    expect(await json('inspect', 'small.gguf', '--metadata')).toMatchObject({ 'general.name': 'Small', 'llama.block_count': 1 })
  })

  test('is quantized twice only when that is asked for', async () => {
    await quantize('bard-F16.gguf', '--quant', 'q8_0')
    const refused = await quantize('bard-Q8_0.gguf', '--quant', 'q4_0')
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^error: .*quantized already.*--allow-requantize.*\n$/) })
    expect(await quantize('bard-Q8_0.gguf', '--quant', 'q4_0', '--allow-requantize')).toMatchObject({ code: 0 })
  })

  test('is cut into parts and joined again, byte for byte', async () => {
    expect(await tell(folder.path, ['split', 'bard-F16.gguf', '--max-size', '900k'])).toMatchObject({ code: 0 })
    const parts = made().filter((name) => /-of-/.test(name))
    expect(parts.length).toBeGreaterThan(2)
    expect(parts[0]).toBe(`bard-F16-00001-of-0000${parts.length}.gguf`)
    expect(await tell(folder.path, ['merge', parts[0]!, '-o', 'whole.gguf'])).toMatchObject({ code: 0 })
    const tensors = async (file: string) => {
      const list: readonly { name: string; offset: number; byteLength: number }[] = await json('inspect', file, '--tensors')
      const bytes = readFileSync(folder.file(file))
      return list.map(({ name, offset, byteLength }) => [name, bytes.subarray(offset, offset + byteLength).toString('base64')])
    }
    expect(await tensors('whole.gguf')).toEqual(await tensors('bard-F16.gguf'))
  })

  test.each<[what: string, parameters: readonly string[], code: number, sentence: RegExp]>([
    ['two ways to split', ['split', 'bard-F16.gguf', '--max-size', '1G', '--max-tensors', '3'], 2, /not both/],
    ['a merge of what is no part', ['merge', 'bard-F16.gguf'], 2, /no part of a split model/],
    ['no type', ['quantize', 'bard-F16.gguf'], 2, /--quant/],
    ['an override that is none', ['quantize', 'bard-F16.gguf', '--quant', 'q8_0', '--override-kv', 'x=1'], 2, /KEY=TYPE:VALUE/],
    ['a layer that is not there', ['quantize', 'bard-F16.gguf', '--quant', 'q8_0', '--prune-layers', '9'], 1, /no layer 9/],
    ['a type that needs a matrix', ['quantize', 'bard-F16.gguf', '--quant', 'iq2_xxs'], 1, /importance matrix/],
    ['a matrix that is none', ['quantize', 'bard-F16.gguf', '--quant', 'q4_k_m', '--imatrix', 'bard-F16.gguf'], 1, /bard-F16\.gguf/],
    ['a folder', ['quantize', EXAMPLE, '--quant', 'q8_0'], 1, /GGUF/],
  ])('%s', async (_what, parameters, code, sentence) => {
    const told = await tell(folder.path, parameters)
    expect([told.code, told.out]).toEqual([code, ''])
    expect(told.err).toMatch(/^error: /)
    expect(told.err).toMatch(sentence)
    expect(made()).toEqual(['bard-F16.gguf'])
  })
})

test('layer lists', () => {
  expect(layerList('3,5')).toEqual([3, 5])
  for (const text of ['', 'a', '1.5', '-1']) if (text !== '') expect(() => layerList(text)).toThrow('layer numbers')
})

test.each([
  ['a=int:2', ['a', { type: 'UINT32', value: 2 }]],
  ['a=float:0.1', ['a', { type: 'FLOAT32', value: Math.fround(0.1) }]],
  ['a=bool:true', ['a', { type: 'BOOL', value: true }]],
  ['a=str:x=y:z', ['a', { type: 'STRING', value: 'x=y:z' }]],
] as const)('override %s', (text, expected) => expect(overrideEntry(text)).toEqual(expected))

test.each(['a=int:-1', 'a=int:4294967296', 'a=float:', 'a=bool:yes', 'a', '=int:1'])('no override: %s', (text) =>
  expect(() => overrideEntry(text)).toThrow('KEY=TYPE:VALUE'),
)
