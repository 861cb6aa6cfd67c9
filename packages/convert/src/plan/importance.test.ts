// Importance matrices on their way through a plan: what llama-quantize uses, ignores and refuses, and that the right weights reach the encoder.
import type { Checkpoint, GgmlType } from '@fs/core'
import { memorySource } from '@fs/formats/bytes'
import { encodeImatrixDat, encodeImatrixGguf, type Imatrix, type ImatrixEntry, readImatrix } from '@fs/formats/imatrix'
import { plainRowCodec } from '@fs/quant'
import { describe, expect, test } from 'vitest'
import { executed, ggufModel, llamaTensors, type MadeTensor, tensorsOf } from '../test-support/gguf-model.test-support.ts'
import { importanceOf } from './importance.ts'
import { planRequantize } from './plan-requantize.ts'

const DOWN = 'blk.0.ffn_down.weight'

function imatrixOf(entries: { readonly [tensor: string]: ImatrixEntry }): Imatrix {
  return { entries: new Map(Object.entries(entries)), datasets: ['text.txt'], chunkCount: 2, chunkSize: 512 }
}

/** Sums that differ from channel to channel. */
function entry(channels: number, count = 4): ImatrixEntry {
  return { sums: Float32Array.from({ length: channels }, (_, index) => 1 + (index % 13) ** 2), counts: Float32Array.of(count) }
}

/** Through a file, as the command line reads it. */
async function viaFile(imatrix: Imatrix, form: 'gguf' | 'dat' = 'gguf') {
  const bytes = form === 'gguf' ? encodeImatrixGguf(imatrix) : encodeImatrixDat(imatrix)
  return importanceOf(await readImatrix(memorySource(bytes, `imatrix.${form}`)), `imatrix.${form}`)
}

async function quantized(
  checkpoint: Checkpoint,
  quant: string,
  imatrix: Imatrix,
  pruneLayers: readonly number[] = [],
  form: 'gguf' | 'dat' = 'gguf',
) {
  const importance = await viaFile(imatrix, form)
  const { plan } = planRequantize(checkpoint, { quants: [quant], pathFor: (name) => name, types: { importance, pure: true }, pruneLayers })
  const [file] = await executed(plan, checkpoint)
  return tensorsOf(file!)
}

function encoded(values: Float32Array, rowLength: number, to: GgmlType, importance?: Float32Array): Uint8Array {
  const codec = plainRowCodec()
  codec.input(values.byteLength).set(new Uint8Array(values.slice().buffer))
  return codec.encode({ from: 'F32', to, rows: values.length / rowLength, rowLength, ...(importance === undefined ? {} : { importance }) })
}

const valuesOf = (name: string) => llamaTensors().find((tensor) => tensor.name === name)!.values

describe.each(['gguf', 'dat'] as const)('%s', (form) => {
  test('a tensor with an entry is encoded with its mean squares, one without as if there were no matrix', async () => {
    const made = await quantized(await ggufModel(), 'Q4_K_S', imatrixOf({ [DOWN]: entry(512) }), [], form)
    const weights = entry(512).sums.map((sum) => sum / 4)
    expect(made.get(DOWN)!.bytes).toEqual(encoded(valuesOf(DOWN), 512, 'Q4_K', weights))
    expect(made.get(DOWN)!.bytes).not.toEqual(encoded(valuesOf(DOWN), 512, 'Q4_K'))
    expect(made.get('blk.1.ffn_down.weight')!.bytes).toEqual(encoded(valuesOf('blk.1.ffn_down.weight'), 512, 'Q4_K'))
  })
})

test('an expert no token reached counts every channel alike', async () => {
  const name = 'blk.0.ffn_down_exps.weight'
  const stack: MadeTensor = { name, shape: [2, 16, 256], values: Float32Array.from({ length: 8192 }, (_, index) => Math.sin(index ** 1.5)) }
  const reached = entry(256)
  const counts = { sums: Float32Array.of(...reached.sums, ...new Float32Array(256)), counts: Float32Array.of(4, 0) }
  const made = await quantized(await ggufModel([...llamaTensors(), stack]), 'Q4_K_S', imatrixOf({ [name]: counts }))
  const half = made.get(name)!.bytes.length / 2
  const weights = reached.sums.map((sum) => sum / 4)
  expect(made.get(name)!.bytes.subarray(0, half)).toEqual(encoded(stack.values.subarray(0, 4096), 256, 'Q4_K', weights))
  expect(made.get(name)!.bytes.subarray(half)).toEqual(encoded(stack.values.subarray(4096), 256, 'Q4_K', new Float32Array(256).fill(1)))
})

test('layers that move up take their weights with them', async () => {
  const made = await quantized(await ggufModel(), 'Q4_K_S', imatrixOf({ 'blk.1.ffn_down.weight': entry(512) }), [0])
  const weights = entry(512).sums.map((sum) => sum / 4)
  expect(made.get(DOWN)!.bytes).toEqual(encoded(valuesOf('blk.1.ffn_down.weight'), 512, 'Q4_K', weights))
})

describe('refused in a sentence', () => {
  const refused = async (imatrix: Imatrix, quant = 'Q4_K_S') => quantized(await ggufModel(), quant, imatrix)

  test('another width: the matrix of another model', async () => {
    await expect(refused(imatrixOf({ [DOWN]: entry(256) }))).rejects.toMatchObject({
      code: 'convert/importance-width',
      details: { tensor: DOWN, actual: 256, expected: 512 },
    })
  })

  test('no weights where the type is worth nothing without', async () => {
    await expect(refused(imatrixOf({ [DOWN]: entry(512) }), 'IQ2_XXS')).rejects.toMatchObject({ code: 'convert/importance-missing' })
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('%d among the sums, whichever tensor it is for', async (value) => {
    const { sums, counts } = entry(512)
    const imatrix = imatrixOf({ 'no.such.tensor': { sums: sums.with(7, value), counts }, [DOWN]: entry(512) })
    await expect(refused(imatrix)).rejects.toMatchObject({ code: 'imatrix/not-finite', details: { tensor: 'no.such.tensor' } })
  })
})

test('the embedding is looked up, not multiplied: an entry of another width is no reason to stop', async () => {
  const made = await quantized(await ggufModel(), 'Q4_K_S', imatrixOf({ 'token_embd.weight': entry(32), [DOWN]: entry(512) }))
  expect(made.get('token_embd.weight')!.bytes).toEqual(encoded(valuesOf('token_embd.weight'), 256, 'Q4_K'))
})

test('the rules count the layers there were before some were left out', async () => {
  const checkpoint = await ggufModel(llamaTensors(8), 8)
  const { plan } = planRequantize(checkpoint, { quants: ['Q4_K_M'], pathFor: (name) => name, pruneLayers: [0, 1, 2, 3] })
  const down = plan.jobs.filter(({ tensor }) => tensor.endsWith('ffn_down.weight')).map(({ targets }) => targets[0]!.type)
  // Layers 4 to 7 of eight, now 0 to 3: of eight the first has more bits, and then every third (use_more_bits, llama-quant.cpp).
  expect(down).toEqual(['Q6_K', 'Q4_K', 'Q4_K', 'Q6_K'])
})
