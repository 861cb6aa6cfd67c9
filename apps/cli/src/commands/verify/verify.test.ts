// Sabotage: each copy of the example is damaged in one way, and `verify` has to say no and name what was damaged.
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import type { TensorInfo } from '@fs/core'
import type { Verification } from '@fs/eval'
import { openPath } from '@fs/formats/node'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../test-support/terminal.test-support.ts'

const folder = useFolder()

/** The published one holds every answer in this file. */
const schema = new Ajv2020({ allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(new URL('../../../../../docs/schema/verification.schema.json', import.meta.url), 'utf8')),
)

const PROMPT = ['--prompt', 'First Citizen: Before we proceed any further, hear me speak.'] as const

async function verify(candidate: string, reference = EXAMPLE, ...more: string[]): Promise<{ code: number; said: Verification }> {
  const { code, out } = await tell(folder.path, [
    'verify',
    candidate,
    '--reference',
    reference,
    '--json',
    '--threads',
    '1',
    ...PROMPT,
    ...more,
  ])
  const said = JSON.parse(out)
  expect(schema(said), JSON.stringify(schema.errors)).toBe(true)
  return { code, said }
}

async function converted(type: string): Promise<string> {
  const path = folder.file(`${type}.gguf`)
  await tell(folder.path, ['convert', EXAMPLE, '--quant', type, '-o', path, '--quiet', '--threads', '1'])
  return path
}

/** Changes a tensor's bytes in place. */
async function damage(path: string, tensor: string, change: (bytes: Uint8Array, info: TensorInfo) => void): Promise<void> {
  const checkpoint = await openPath(path)
  const info = checkpoint.tensors.tensors.get(tensor)!
  await checkpoint.close()
  const file = readFileSync(path)
  change(file.subarray(info.offset, info.offset + info.byteLength), info)
  writeFileSync(path, file)
}

/** Rows of a float32 matrix in another order. */
const reorderRows = (order: (row: number, rows: number) => number) => (bytes: Uint8Array, info: TensorInfo) => {
  const width = info.shape.at(-1)! * 4
  const rows = bytes.length / width
  const before = bytes.slice()
  for (let row = 0; row < rows; row++) bytes.set(before.subarray(order(row, rows) * width, (order(row, rows) + 1) * width), row * width)
}

const floats = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

describe('a conversion that is right', () => {
  test('in float32 is the same to the last bit', async () => {
    const { code, said } = await verify(await converted('f32'), EXAMPLE, '--weights')
    expect(code).toBe(0)
    expect(said).toMatchObject({ holds: true, reasons: [], maxNmse: 1e-6 })
    expect(said.prompts[0]).toMatchObject({ firstDifferentToken: null, nmse: 0, logits: { divergence: 0, sameTop: 1, sharedTop10: 1 } })
    expect(said.diagnosis?.weights.every(({ relativeError }) => relativeError === 0)).toBe(true)
  })

  test('in four bits holds within what four bits cost', async () => {
    const { code, said } = await verify(await converted('q4_k_m'), EXAMPLE, '--weights')
    expect(code).toBe(0)
    expect(said).toMatchObject({ holds: true, maxNmse: 1e-2 })
    expect(said.prompts[0]!.nmse).toBeGreaterThan(1e-5)
  })

  test('agrees with saved logits of the original', async () => {
    await tell(folder.path, ['logits', EXAMPLE, '-o', 'data', '--threads', '1'])
    const { code, out } = await tell(folder.path, [
      'verify',
      await converted('q8_0'),
      '--reference',
      'data/fartsovka-shakespeare-llama.bin',
      '--threads',
      '1',
    ])
    expect(code).toBe(0)
    expect(out).toMatch(/excellent \(NMSE \d/)
  })

  test('saved logits may be either side, or both', async () => {
    await tell(folder.path, ['logits', EXAMPLE, '-o', 'data', '--threads', '1'])
    await tell(folder.path, ['logits', await converted('q8_0'), '-o', 'data', '--threads', '1'])
    const [original, quantized] = ['data/fartsovka-shakespeare-llama.bin', 'data/fartsovka-q8_0.bin']
    const compare = async (candidate: string, reference: string) => {
      const { code, out } = await tell(folder.path, ['verify', candidate, '--reference', reference, '--json', '--threads', '1'])
      const said: Verification = JSON.parse(out)
      expect(schema(said), JSON.stringify(schema.errors)).toBe(true)
      expect(code).toBe(said.holds ? 0 : 3)
      return said
    }
    const both = await compare(quantized, original)
    expect(both).toMatchObject({
      holds: true,
      engine: 'saved',
      referenceEngine: 'saved',
      prompts: [{ positions: 1, firstDifferentToken: null }],
    })
    expect((await compare(quantized, EXAMPLE)).prompts[0]!.nmse).toBeCloseTo(both.prompts[0]!.nmse, 6)
    expect((await compare(original, EXAMPLE)).prompts[0]!.nmse).toBeLessThan(1e-10)
    const file = folder.file(quantized)
    writeFileSync(file, readFileSync(file).subarray(4))
    expect(await compare(EXAMPLE, quantized)).toMatchObject({ holds: false, reasons: [expect.stringContaining('has 1023 logits')] })
    expect(await compare(original, quantized)).toMatchObject({ holds: false, reasons: [expect.stringContaining('rows of 1023')] })
  })

  test('has the same embeddings', async () => {
    const { code, said } = await verify(await converted('f32'), EXAMPLE, '--embeddings')
    expect(code).toBe(0)
    expect(said).toMatchObject({ measured: 'embeddings', prompts: [{ nmse: 0, embeddings: { meanCosine: 1 } }] })
  })
})

describe('sabotage is found, and named', () => {
  let intact: string
  const sabotaged = async (tensor: string, change: Parameters<typeof damage>[2]): Promise<string> => {
    const path = folder.file('sabotaged.gguf')
    copyFileSync(intact, path)
    await damage(path, tensor, change)
    return path
  }
  const bytes = { f32: new Uint8Array() }
  /** The folder is new for each test; the conversion is not. */
  const prepare = async () => {
    intact = folder.file('intact.gguf')
    if (bytes.f32.length === 0) bytes.f32 = readFileSync(await converted('f32'))
    writeFileSync(intact, bytes.f32)
  }

  test.each([
    ['swapped query rows', 'blk.1.attn_q.weight', reorderRows((row, rows) => rows - 1 - row), 'layers.1.attention.query.weight'],
    ['swapped key rows', 'blk.0.attn_k.weight', reorderRows((row) => row ^ 1), 'layers.0.attention.key.weight'],
    ['a shifted vocabulary', 'token_embd.weight', reorderRows((row, rows) => (row + 1) % rows), 'embedding.tokens.weight'],
    [
      'a missing norm offset',
      'blk.1.ffn_norm.weight',
      (data: Uint8Array) => {
        const view = floats(data)
        for (let offset = 0; offset < data.length; offset += 4) view.setFloat32(offset, view.getFloat32(offset, true) - 1, true)
      },
      'layers.1.feed_forward_norm.weight',
    ],
    [
      'a transposed matrix',
      'blk.1.attn_output.weight',
      (data: Uint8Array, { shape }: TensorInfo) => {
        const [rows, columns] = shape as [number, number]
        const [view, before] = [floats(data), floats(data.slice())]
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++)
            view.setFloat32(4 * (row * columns + column), before.getFloat32(4 * (column * rows + row), true), true)
        }
      },
      'layers.1.attention.output.weight',
    ],
  ])('%s', async (_, tensor, change, name) => {
    await prepare()
    const { code, said } = await verify(await sabotaged(tensor, change))
    expect(code).toBe(3)
    expect(said.holds).toBe(false)
    const departing = said.diagnosis!.weights.filter(({ departs }) => departs)
    expect(departing.map((weight) => weight.tensor)).toEqual([name])
    expect(said.reasons.join('\n')).toContain(`${name} (F32) departs from the reference (BF16)`)
    expect(said.reasons.join('\n')).toMatch(/computation departs between|already what/)
  })

  test('a wrong rope base', async () => {
    await tell(folder.path, ['convert', EXAMPLE, '--quant', 'f32', '-o', 'base.gguf', '--quiet', '--threads', '1'])
    const file = readFileSync(folder.file('base.gguf'))
    const key = file.indexOf('llama.rope.freq_base')
    file.writeFloatLE(500_000, key + 'llama.rope.freq_base'.length + 4)
    writeFileSync(folder.file('base.gguf'), file)
    const { code, said } = await verify('base.gguf')
    expect(code).toBe(3)
    expect(said.reasons).toContain(
      'layers.0.attention.position.base is 500000 in the candidate and 10000 in the reference (and in 1 more layers)',
    )
    expect(said.diagnosis!.weights.some(({ departs }) => departs)).toBe(false)
  })

  test('a truncated tensor', async () => {
    await prepare()
    truncateSync(intact, statSync(intact).size - 5000)
    const { code, said } = await verify(intact)
    expect(code).toBe(3)
    expect(said.reasons[0]).toMatch(/cannot be opened: .*(blk|token_embd|output)[\w.]*/)
  })

  test('one block scale times 1.01, in a file of eight bits', async () => {
    const original = await converted('q8_0')
    const path = folder.file('subtle.gguf')
    copyFileSync(original, path)
    await damage(path, 'blk.0.ffn_down.weight', (data) => {
      // The scale of the first block, a float16 whose mantissa gains about a hundredth.
      floats(data).setUint16(0, floats(data).getUint16(0, true) + 12, true)
    })
    const { code, said } = await verify(path, original, '--weights')
    expect(code).toBe(3)
    const [damaged, ...others] = said.diagnosis!.weights.filter(({ relativeError }) => relativeError > 0)
    expect(others).toEqual([])
    expect(damaged).toMatchObject({ tensor: 'layers.0.feed_forward.down.weight', departs: true })
    expect(damaged!.relativeError).toBeGreaterThan(1e-9)
    expect(said.prompts[0]!.nmse).toBeGreaterThan(0)
  })
})

test('what is wrongly asked is no verdict', async () => {
  expect(await tell(folder.path, ['verify', 'nowhere.gguf', '--reference', EXAMPLE])).toMatchObject({ code: 1 })
  expect(await tell(folder.path, ['verify', EXAMPLE])).toMatchObject({ code: 2 })
  const endless = ['verify', EXAMPLE, '--reference', EXAMPLE, '--prompt', 'To be or not to be. '.repeat(400)]
  expect(await tell(folder.path, endless)).toMatchObject({ code: 1, err: expect.stringContaining('exceed the context of 1024') })
  expect(await tell(folder.path, ['verify', EXAMPLE, '--reference', EXAMPLE, '--max-nmse', 'little'])).toMatchObject({ code: 2 })
})
