// Errors of written files, against figures computed apart from them.
import { memorySource } from '@fs/formats/bytes'
import { wasmRowCodec } from '@fs/quant/wasm'
import { expect, test } from 'vitest'
import { planRequantize } from '../plan/plan-requantize.ts'
import { executed, ggufModel, llamaTensors } from '../test-support/gguf-model.test-support.ts'
import { outputErrors } from './index.ts'

async function measured(quants: readonly string[], damage: (file: Uint8Array, offset: number) => void = () => undefined) {
  const checkpoint = await ggufModel()
  const { plan } = planRequantize(checkpoint, { quants, pathFor: (name) => name })
  const files = await executed(plan, checkpoint)
  const [target] = plan.jobs.find(({ tensor }) => tensor === 'blk.1.attn_k.weight')!.targets
  damage(files[0]!, target!.offset)
  const codec = await wasmRowCodec()
  const outputs = files.map((file) => memorySource(file, 'made.gguf'))
  const signal = new AbortController()
  const measure = () => outputErrors({ plan, sources: checkpoint.tensors.files, outputs, codec, signal: signal.signal })
  return { measure, stop: () => signal.abort(), plan }
}

test('every tensor of every output, more bits with less error, plain numbers with none', async () => {
  const { measure } = await measured(['Q2_K', 'Q4_K_S', 'Q8_0', 'F32'])
  const reports = await measure()
  expect(reports.map((tensors) => tensors.length)).toEqual([12, 12, 12, 12])
  const errors = reports.map((tensors) => tensors.find(({ name }) => name === 'blk.0.ffn_down.weight')!.error)
  expect(errors.map(({ elements }) => elements)).toEqual(Array(4).fill(256 * 512))
  const [two, four, eight, plain] = errors.map(({ relativeError }) => relativeError)
  expect(two).toBeGreaterThan(2 * four!)
  expect(four).toBeGreaterThan(4 * eight!)
  expect(plain).toBe(0)
  expect(reports[1]!.find(({ name }) => name === 'output_norm.weight')!.error).toMatchObject({ rmse: 0, cosine: 1 })
})

test('the histogram and the norm are those of the original weights', async () => {
  const { measure } = await measured(['Q2_K'])
  const { values } = llamaTensors().find(({ name }) => name === 'blk.0.ffn_down.weight')!
  const { error } = (await measure())[0]!.find(({ name }) => name === 'blk.0.ffn_down.weight')!
  expect(error.rootMeanSquare).toBeCloseTo(Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length), 10)
  expect(error.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(values.length)
})

test('it is the file that is read: a block that was spoilt there is the worst one', async () => {
  const blockBytes = 34
  const { measure } = await measured(['Q8_0'], (file, offset) => file.fill(0, offset + 5 * blockBytes, offset + 6 * blockBytes))
  const { error } = (await measure())[0]!.find(({ name }) => name === 'blk.1.attn_k.weight')!
  expect(error.worstBlock).toMatchObject({ index: 5 * 32, length: 32, relativeError: 1 })
})

test('it can be stopped', async () => {
  const { measure, stop } = await measured(['Q8_0'])
  stop()
  await expect(measure()).rejects.toMatchObject({ code: 'convert/interrupted' })
})
