import { expect, test } from 'vitest'
import { openModel } from './open-model.ts'
import { planGguf } from './plan/plan-gguf.ts'
import { executed, opened } from './test-support/execute.test-support.ts'
import { tinyCheckpoint, tinyValue } from './test-support/tiny-checkpoint.test-support.ts'
import { modelWeights } from './weight-reader.ts'

const numbers = ({ bytes }: { readonly bytes: Uint8Array }) => [...new Float32Array(bytes.slice().buffer)]

test('weights come by canonical name, some rows at a time, as the file has them', async () => {
  const weights = modelWeights(await openModel(await tinyCheckpoint()))
  expect(weights.typeOf('layers.1.attention.query.weight')).toBe('F32')
  const rows = await weights.read('layers.1.attention.query.weight', 3, 2)
  expect(numbers(rows)).toEqual(Array.from({ length: 64 }, (_, index) => tinyValue(3 * 32 + index)))
  expect(numbers(await weights.read('output_norm.weight', 30, 2))).toEqual([tinyValue(30), tinyValue(31)])
})

test('they are the same from a GGUF, whose rope rows lie interleaved', async () => {
  const model = await openModel(await tinyCheckpoint())
  const { plan } = await planGguf(model, { quants: ['f32'], pathFor: () => 'tiny.gguf' })
  const stored = modelWeights(model)
  const written = modelWeights(await openModel(await opened(await executed(plan, model.checkpoint))))
  for (const name of ['layers.0.attention.query.weight', 'layers.1.attention.key.weight', 'layers.0.feed_forward.down.weight']) {
    expect(numbers(await written.read(name, 0, 16))).toEqual(numbers(await stored.read(name, 0, 16)))
    expect(numbers(await written.read(name, 5, 3))).toEqual(numbers(await stored.read(name, 5, 3)))
  }
})

test('blocks are handed over as blocks', async () => {
  const model = await openModel(await tinyCheckpoint())
  const { plan } = await planGguf(model, { quants: ['q8_0'], pathFor: () => 'tiny.gguf' })
  const weights = modelWeights(await openModel(await opened(await executed(plan, model.checkpoint))))
  expect(await weights.read('layers.0.attention.query.weight', 0, 2)).toMatchObject({ type: 'Q8_0', bytes: { length: 2 * 34 } })
})

test('a weight the model does not have is named', async () => {
  const weights = modelWeights(await openModel(await tinyCheckpoint()))
  const unknown = expect.objectContaining({ code: 'convert/no-such-weight', details: { tensor: 'output.weight' } })
  expect(() => weights.typeOf('output.weight')).toThrow(unknown)
  await expect(weights.read('output.weight', 0, 1)).rejects.toEqual(unknown)
})
