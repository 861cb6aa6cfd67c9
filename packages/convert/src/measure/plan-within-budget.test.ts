// Plans within a budget: what they promise, on a model whose matrices differ in how they bear quantizing.
import { GGML_TYPES } from '@fs/core'
import { plainRowCodec } from '@fs/quant'
import { parseTensorTypeOption } from '@fs/quant/recipes'
import { wasmRowCodec } from '@fs/quant/wasm'
import { describe, expect, test } from 'vitest'
import { planRequantize } from '../plan/plan-requantize.ts'
import type { TypeOptions } from '../plan/tensor-types.ts'
import { executed, ggufModel, llamaTensors, type MadeTensor, tensorsOf } from '../test-support/gguf-model.test-support.ts'
import { type Budget, planWithinBudget } from './index.ts'

async function planned(budget: Budget, types: TypeOptions = {}, tensors?: readonly MadeTensor[]) {
  const checkpoint = await ggufModel(tensors)
  const plan = (fileType: string, chosen: TypeOptions) =>
    planRequantize(checkpoint, { quants: [fileType], pathFor: (name) => name, types: chosen })
  const codec = await wasmRowCodec()
  const result = await planWithinBudget({ budget, types, plan, sources: checkpoint.tensors.files, codec })
  return { ...result, checkpoint, plan }
}

const fit = (bytes: number) => planned({ kind: 'bytes', bytes })
const typesOf = (result: Awaited<ReturnType<typeof planned>>) =>
  new Map(result.planned.plan.jobs.map(({ tensor, targets }) => [tensor, targets[0]!.type]))

describe('a size', () => {
  test.each([180_000, 200_000, 300_000, 500_000, 1_500_000])('%d bytes are never exceeded, nor left unused without need', async (bytes) => {
    const result = await fit(bytes)
    const { size } = result.planned.outputs[0]!
    expect(size).toBeLessThanOrEqual(bytes)
    const cheapest = Math.min(
      ...result.choices.map(({ chosen, next }) => (next === undefined ? Number.POSITIVE_INFINITY : next.bytes - chosen.bytes)),
    )
    expect(bytes - size).toBeLessThan(cheapest)
    const [file] = await executed(result.planned.plan, result.checkpoint)
    expect(file).toHaveLength(size)
  })

  test('more bytes, less error; with enough of them none', async () => {
    const error = async (bytes: number) => (await fit(bytes)).choices.reduce((sum, { chosen }) => sum + chosen.error, 0)
    const [small, middle, large] = [await error(180_000), await error(240_000), await error(4_000_000)]
    expect(small).toBeGreaterThan(middle)
    expect(middle).toBeGreaterThan(large)
    expect(large).toBe(0)
  })

  test('too few say how many there must be', async () => {
    await expect(fit(20_000)).rejects.toMatchObject({ code: 'recipe/budget' })
  })
})

describe('bits for each weight', () => {
  test.each([3.2, 4.5, 6])('at most %d', async (bits) => {
    const result = await planned({ kind: 'bits', bits })
    expect(result.bits).toBeLessThanOrEqual(bits)
    expect(result.bits).toBeGreaterThan(bits - 0.5)
  })
})

test('the recipe it gives makes the same plan without measuring', async () => {
  const result = await fit(240_000)
  const again = result.plan(result.recipe.default, {
    tensorTypes: result.recipe.tensors.map(({ pattern, type }) => ({ pattern: new RegExp(pattern), type })),
  })
  expect(again).toEqual(result.planned)
})

test('types the user named stay, and the rest makes room for them', async () => {
  const types = { tensorTypes: [parseTensorTypeOption('ffn_down=q8_0')], tokenEmbeddingType: 'Q6_K' } as const
  const result = await planned({ kind: 'bytes', bytes: 420_000 }, types)
  const chosen = typesOf(result)
  expect(chosen.get('blk.0.ffn_down.weight')).toBe('Q8_0')
  expect(chosen.get('token_embd.weight')).toBe('Q6_K')
  expect(result.choices.map(({ name }) => name)).not.toContain('token_embd.weight')
  expect(result.planned.outputs[0]!.size).toBeLessThanOrEqual(420_000)
})

test('what cannot be quantized is left alone, rows of 32 get types of 32', async () => {
  const short: MadeTensor = {
    name: 'blk.0.attn_output.weight',
    shape: [64, 96],
    values: Float32Array.from({ length: 6144 }, (_, index) => Math.cos(index)),
  }
  const result = await planned({ kind: 'bytes', bytes: 240_000 }, {}, [...llamaTensors(), short])
  const chosen = typesOf(result)
  expect(chosen.get('output_norm.weight')).toBe('F32')
  expect(GGML_TYPES[chosen.get('blk.0.attn_output.weight')!].blockSize).toBe(32)
})

test('coarse types are there for tensors with importance weights only', async () => {
  const weights = (tensor: string) => (tensor.endsWith('ffn_down.weight') ? new Float32Array(512).fill(2) : undefined)
  const { choices } = await planned({ kind: 'bits', bits: 2.5 }, { importance: { weightsFor: weights, metadata: [] } })
  const coarse = choices.filter(({ chosen }) => chosen.type.startsWith('IQ2') || chosen.type === 'IQ3_XXS')
  expect(coarse.map(({ name }) => name)).toEqual(['blk.0.ffn_down.weight', 'blk.1.ffn_down.weight'])
})

test('measured errors are those of the tensor, whichever codec measures', async () => {
  const checkpoint = await ggufModel(
    llamaTensors(1).filter(({ name }) => !name.includes('ffn')),
    1,
  )
  const plan = (fileType: string, types: TypeOptions) => planRequantize(checkpoint, { quants: [fileType], pathFor: (name) => name, types })
  const request = { budget: { kind: 'bits', bits: 4.5 }, types: {}, plan, sources: checkpoint.tensors.files } as const
  const { choices, planned: made } = await planWithinBudget({ ...request, codec: plainRowCodec() })
  expect(choices).toEqual((await planWithinBudget({ ...request, codec: await wasmRowCodec() })).choices)

  const [file] = await executed(made.plan, checkpoint)
  const key = 'blk.0.attn_k.weight'
  const { info, bytes } = (await tensorsOf(file!)).get(key)!
  const codec = plainRowCodec()
  codec.input(bytes.length).set(bytes)
  const restored = codec.decode({ from: info.type, rows: 64, rowLength: 256 })
  const { values } = llamaTensors().find(({ name }) => name === key)!
  const [lost, whole] = values.reduce(([error, sum], value, index) => [error! + (value - restored[index]!) ** 2, sum! + value ** 2], [0, 0])
  // 64 rows of 256 are within the sample.
  const { chosen, sensitivity } = choices.find(({ name }) => name === key)!
  expect(chosen.error / sensitivity).toBeCloseTo(lost! / whole!, 12)
})

test('a weight that is not a number is named before anything is written', async () => {
  const tensors = llamaTensors().map((tensor) =>
    tensor.name === 'blk.1.attn_q.weight' ? { ...tensor, values: tensor.values.with(300, Number.NaN) } : tensor,
  )
  await expect(planned({ kind: 'bytes', bytes: 240_000 }, {}, tensors)).rejects.toMatchObject({
    code: 'quant/not-finite',
    details: { tensor: 'blk.1.attn_q.weight', row: 1, column: 44 },
  })
})

test('noise in the output weighs more than in a layer, in the embedding only where it is the output too', async () => {
  const output: MadeTensor = { ...llamaTensors()[0]!, name: 'output.weight' }
  const weightOf = ({ choices }: Awaited<ReturnType<typeof planned>>, name: string) =>
    choices.find((choice) => choice.name === name)!.sensitivity
  const [tied, apart] = [
    await planned({ kind: 'bits', bits: 4 }),
    await planned({ kind: 'bits', bits: 4 }, {}, [...llamaTensors(), output]),
  ]
  expect(weightOf(tied, 'token_embd.weight')).toBe(weightOf(apart, 'output.weight'))
  expect(weightOf(apart, 'token_embd.weight')).toBe(weightOf(apart, 'blk.0.ffn_down.weight'))
})
