import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openModel } from '@fs/convert'
import { executePlan } from '@fs/convert/node'
import { planOnnx } from '@fs/convert/onnx'
import { openPath } from '@fs/formats/node'
import { describe, expect, test } from 'vitest'
import { EXAMPLE, tell, terminalIn, useFolder } from '../../../test-support/terminal.test-support.ts'
import type { ConvertOptions } from '../options.ts'
import { checkOnnx } from './check-onnx.ts'

const folder = useFolder()
const convert = (...parameters: string[]) => tell(folder.path, ['convert', ...parameters, '--threads', '1'])
const files = (path = '') => readdirSync(join(folder.path, path), { recursive: true, encoding: 'utf8' }).sort()
const json = (path: string) => JSON.parse(readFileSync(folder.file(path), 'utf8'))

/** The tokens a model writes when nothing is left to chance. */
async function greedy(model: string): Promise<readonly number[]> {
  const { code, out } = await tell(folder.path, [
    'run',
    model,
    'ROMEO:',
    '--no-chat',
    '--greedy',
    '--max-tokens',
    '24',
    '--json',
    '--threads',
    '1',
  ])
  expect(code).toBe(0)
  return JSON.parse(out).tokens
}

const FOLDER = [
  'chat_template.jinja',
  'config.json',
  'genai_config.json',
  'generation_config.json',
  'onnx',
  'tokenizer.json',
  'tokenizer_config.json',
]

describe('a folder for transformers.js and onnxruntime-genai', () => {
  test('is ./<model>-ONNX, held against the original, and writes what the original writes', async () => {
    const { code, out, err } = await convert(EXAMPLE, '--to', 'onnx')
    expect([code, out]).toEqual([0, expect.stringMatching(/shakespeare-llama-ONNX {2}Llama F32, \d/)])
    expect(err).toMatch(/checked F32: the same ids for 532 tokens/)
    expect(files('shakespeare-llama-ONNX')).toEqual([...FOLDER, 'onnx/model.onnx', 'onnx/model.onnx_data'].sort())
    expect(await greedy('shakespeare-llama-ONNX')).toEqual(await greedy(EXAMPLE))
  })

  test('holds several types from one reading; each can be run by its name', async () => {
    const { code, out } = await convert(EXAMPLE, '--to', 'onnx', '--quant', 'q4_0,f16,q8_0', '-o', 'all', '--json')
    expect(code).toBe(0)
    const { checks, outputs } = JSON.parse(out)
    expect(outputs.map(({ type }: { type: string }) => type)).toEqual(['Q4_0', 'F16', 'Q8_0'])
    expect(checks.map(({ holds }: { holds: boolean }) => holds)).toEqual([true, true, true])
    expect(json('all/config.json')['transformers.js_config']).toMatchObject({ dtype: 'q4' })
    for (const name of ['model_q4', 'model_fp16', 'model_quantized']) expect(await greedy(`all/onnx/${name}.onnx`)).toHaveLength(24)
    expect(await greedy('all/onnx/model_fp16.onnx')).toEqual(await greedy(EXAMPLE))
  })

  test('keeps the blocks of a GGUF as they are', async () => {
    await convert(EXAMPLE, '--quant', 'q5_k_m', '-o', 'model.gguf', '--no-verify')
    const { code, err } = await convert('model.gguf', '--to', 'onnx', '-o', 'out')
    expect([code, err]).toEqual([0, expect.stringContaining('checked Q5_K_M')])
    expect(files('out/onnx')).toContain('model_quantized.onnx')
  })

  test('in halves, and with blocks in halves', async () => {
    expect(await convert(EXAMPLE, '--to', 'onnx', '--precision', 'f16', '-o', 'halves')).toMatchObject({ code: 0 })
    expect(await convert(EXAMPLE, '--to', 'onnx', '--precision', 'f16', '--quant', 'q4_0', '-o', 'blocks')).toMatchObject({ code: 0 })
    expect([files('halves/onnx'), files('blocks/onnx')].map(([name]) => name)).toEqual(['model_fp16.onnx', 'model_q4f16.onnx'])
  })

  test('in parts', async () => {
    expect(await convert(EXAMPLE, '--to', 'onnx', '--split-max-size', '2M', '-o', 'parts')).toMatchObject({ code: 0 })
    expect(json('parts/config.json')['transformers.js_config'].use_external_data_format['model.onnx']).toBeGreaterThan(2)
  })
})

describe('what is there stays', () => {
  test('of fewer tokens than the original allows is checked with as many', async () => {
    const { code, err } = await convert(EXAMPLE, '--to', 'onnx', '-o', 'out', '--context-length', '64')
    expect([code, err]).toEqual([0, expect.stringContaining('checked F32: the same ids for 76 tokens')])
    const verified = await tell(folder.path, ['verify', 'out', '--reference', EXAMPLE, '--json'])
    expect(JSON.parse(verified.out).prompts.map(({ tokens }: { tokens: number }) => tokens)).toEqual([12, 64])
  })

  test('a dry run writes nothing', async () => {
    const { code, out } = await convert(EXAMPLE, '--to', 'onnx', '--quant', 'q4_0', '--dry-run')
    expect([code, out]).toEqual([0, expect.stringContaining('layers.0.attention.query.weight')])
    expect(files()).toEqual([])
  })

  test('models of another conversion are not made unreadable', async () => {
    await convert(EXAMPLE, '--to', 'onnx', '--quant', 'q4_0', '-o', 'out', '--no-verify')
    const again = (...more: string[]) => convert(EXAMPLE, '--to', 'onnx', '-o', 'out', '--no-verify', ...more)
    expect(await again()).toMatchObject({ code: 1, err: expect.stringContaining('is not empty') })
    expect(await again('--quant', 'f16', '--force')).toMatchObject({ code: 1, err: expect.stringContaining('another conversion') })
    expect(await again('--quant', 'q4_0', '--force')).toMatchObject({ code: 0 })
  })

  test('what a stopped conversion left is no reason to refuse', async () => {
    mkdirSync(folder.file('out/onnx'), { recursive: true })
    writeFileSync(folder.file('out/onnx/model.onnx_data.partial'), '')
    expect(await convert(EXAMPLE, '--to', 'onnx', '-o', 'out', '--no-verify')).toMatchObject({ code: 0 })
    expect(files('out/onnx')).toEqual(['model.onnx', 'model.onnx_data'])
  })
})

describe('what is refused', () => {
  test.each([
    [['--quant', 'bf16'], 1, 'no bfloat16'],
    [['--precision', 'bf16'], 2, 'choose f32 or f16'],
    [['--quant', 'q4_0,q4_1'], 1, 'two folders'],
    [['--quant', 'q8_0', '--precision', 'f16'], 1, 'no name for Q8_0'],
    [['--fit', '1G'], 2, '--fit means nothing for --to onnx'],
    [['--context-length', '0'], 2, 'context-length'],
  ] as const)('%j', async (parameters, code, words) => {
    expect(await convert(EXAMPLE, '--to', 'onnx', ...parameters)).toMatchObject({ code, err: expect.stringContaining(words) })
    expect(files()).toEqual([])
  })

  test('quantizing a GGUF a second time, unless it is allowed', async () => {
    await convert(EXAMPLE, '--quant', 'q8_0', '-o', 'model.gguf', '--no-verify')
    expect(await convert('model.gguf', '--to', 'onnx', '--quant', 'q4_0', '-o', 'out')).toMatchObject({ code: 1 })
    const allowed = ['--allow-requantize', '--no-verify']
    expect(await convert('model.gguf', '--to', 'onnx', '--quant', 'q4_0', '-o', 'out', ...allowed)).toMatchObject({ code: 0 })
  })

  test('an ONNX folder is no source: what it was made from is', async () => {
    await convert(EXAMPLE, '--to', 'onnx', '-o', 'out', '--no-verify')
    expect(await convert('out', '--quant', 'q4_0')).toMatchObject({
      code: 1,
      err: expect.stringContaining('convert the model it was made from'),
    })
  })
})

// Beside this repository: ../shared/fixtures/models/bert.
const BERT = resolve(import.meta.dirname, '../../../../../../../shared/fixtures/models/bert')

describe.skipIf(!existsSync(BERT))('an encoder', () => {
  test('gives the vectors the original gives, however they are pooled', async () => {
    expect(await convert(BERT, '--to', 'onnx', '-o', 'bert')).toMatchObject({ code: 0, err: expect.stringContaining('checked F32') })
    for (const pooling of [[], ['--pooling', 'first', '--normalize'], ['--pooling', 'none']]) {
      const vectors = async (model: string) => {
        const { out } = await tell(folder.path, ['embed', model, 'a cat', ...pooling, '--json', '--threads', '1'])
        return JSON.parse(out)[0].embedding.flat() as number[]
      }
      const [expected, actual] = [await vectors(BERT), await vectors('bert')]
      expect(actual.length).toBe(expected.length)
      for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, 4)
    }
    expect(await tell(folder.path, ['run', 'bert', 'hello'])).toMatchObject({ code: 1, err: expect.stringContaining('no decoder') })
  })
})

test.each(['F32', 'Q4_0'])('damaged weights of %s are found by the check', async (type) => {
  const checkpoint = await openPath(EXAMPLE)
  const model = await openModel(checkpoint)
  const planned = await planOnnx(model, { quants: [type], pathFor: (name) => folder.file(name) })
  await executePlan(planned.plan, { threads: 1 })
  const { terminal } = terminalIn(folder.path)
  const check = () => checkOnnx(EXAMPLE, model, planned, { verify: true, threads: 1 } as ConvertOptions, terminal)
  expect(await check()).toMatchObject([{ kind: 'done', holds: true }])
  const data = planned.outputs[0]!.paths[0]!
  const bytes = readFileSync(data)
  bytes.fill(0, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 200_000)
  writeFileSync(data, bytes)
  expect(await check()).toMatchObject([{ kind: 'done', holds: false, reasons: [expect.stringContaining('NMSE')] }])
  await checkpoint.close()
})
