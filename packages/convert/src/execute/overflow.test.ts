// Casting to half precision: a finite weight that would become infinite stops the conversion and is named, before the file gets its name.
import { expect, test } from 'vitest'
import { planRequantize } from '../plan/plan-requantize.ts'
import { executed, ggufModel, llamaTensors, tensorsOf } from '../test-support/gguf-model.test-support.ts'

const NAME = 'blk.1.attn_q.weight'

/** As bfloat16, which reaches as far as float32, with one weight beyond 65504. */
async function withLarge(value: number) {
  const made = llamaTensors()
    .filter(({ shape }) => shape.length === 2)
    .map((tensor) => ({ ...tensor, type: 'BF16' as const }))
  return ggufModel(made.map((tensor) => (tensor.name === NAME ? { ...tensor, values: tensor.values.with(515, value) } : tensor)))
}

async function cast(checkpoint: Awaited<ReturnType<typeof withLarge>>, quant: string, tensorTypes = {}) {
  const { plan } = planRequantize(checkpoint, { quants: [quant], pathFor: (name) => name, types: tensorTypes })
  return tensorsOf((await executed(plan, checkpoint))[0]!)
}

test.each([1e6, -1e6, 65520])('%d does not fit F16: tensor, place and advice', async (value) => {
  const checkpoint = await withLarge(value)
  await expect(cast(checkpoint, 'f16')).rejects.toMatchObject({
    code: 'quant/overflow',
    message: expect.stringMatching(/row 2, column 3 of tensor 'blk\.1\.attn_q\.weight'.*F16.*BF16 or F32/),
    details: { tensor: NAME, row: 2, column: 3, index: 515 },
  })
})

test('what the advice says works, and what just fits is kept', async () => {
  expect((await cast(await withLarge(1e6), 'bf16')).get(NAME)!.info.type).toBe('BF16')
  expect((await cast(await withLarge(1e6), 'f32')).get(NAME)!.info.type).toBe('F32')
  expect((await cast(await withLarge(65280), 'f16')).get(NAME)!.info.type).toBe('F16')
})
