import { describe, expect, test } from 'vitest'
import { openModel } from '../open-model.ts'
import { executed, opened, storedBytes } from '../test-support/execute.test-support.ts'
import { tinyCheckpoint } from '../test-support/tiny-checkpoint.test-support.ts'
import { planCopy } from './plan-copy.ts'
import { planGguf } from './plan-gguf.ts'
import { planRequantize } from './plan-requantize.ts'

async function ggufOf(quant: string, splitMaxBytes?: number) {
  const model = await openModel(await tinyCheckpoint())
  const request = { quants: [quant], pathFor: () => 'tiny.gguf', ...(splitMaxBytes === undefined ? {} : { splitMaxBytes }) }
  return executed((await planGguf(model, request)).plan, model.checkpoint)
}

describe('a copy', () => {
  test('in parts of so many tensors, joined again, has the bytes it had', async () => {
    const whole = await opened(await ggufOf('q8_0'))
    const { plan, outputs } = planCopy(whole, 'parts.gguf', { split: { maxTensors: 5 } })
    expect(outputs[0]!.paths).toEqual([1, 2, 3, 4].map((part) => `parts-0000${part}-of-00004.gguf`))
    const parts = await opened(await executed(plan, whole))
    const joined = await opened(await executed(planCopy(parts, 'joined.gguf', {}).plan, parts))
    expect([...joined.tensors.tensors.keys()]).toEqual([...whole.tensors.tensors.keys()])
    for (const name of whole.tensors.tensors.keys()) expect(await storedBytes(joined, name)).toEqual(await storedBytes(whole, name))
    // llama-gguf-split keeps the keys and says there are none.
    expect(joined.metadata?.get('split.count')?.value).toBe(0)
  })

  test('of what is no GGUF is refused, and so is quantizing it anew', async () => {
    const checkpoint = await tinyCheckpoint()
    expect(() => planCopy(checkpoint, 'out.gguf', {})).toThrow(expect.objectContaining({ code: 'convert/not-gguf' }))
    expect(() => planRequantize(checkpoint, { quants: ['q4_0'], pathFor: (type) => type })).toThrow(
      expect.objectContaining({ code: 'convert/not-gguf' }),
    )
  })
})

describe('quantizing a GGUF anew', () => {
  test('gives the bytes of quantizing the checkpoint', async () => {
    const source = await opened(await ggufOf('f32'))
    const { plan } = planRequantize(source, { quants: ['q4_0'], pathFor: () => 'tiny.gguf' })
    const [again, direct] = [await opened(await executed(plan, source)), await opened(await ggufOf('q4_0'))]
    expect([...again.tensors.tensors.keys()]).toEqual([...direct.tensors.tensors.keys()])
    for (const name of direct.tensors.tensors.keys()) expect(await storedBytes(again, name)).toEqual(await storedBytes(direct, name))
    expect([...again.metadata!]).toEqual([...direct.metadata!])
  })

  test('may keep the parts the source has', async () => {
    const source = await opened(await ggufOf('f32', 32 * 1024))
    const { outputs } = planRequantize(source, { quants: ['f16'], pathFor: () => 'out.gguf', split: 'keep' })
    expect(outputs[0]!.paths).toHaveLength(source.tensors.files.length)
    expect(planRequantize(source, { quants: ['f16'], pathFor: () => 'out.gguf' }).outputs[0]!.paths).toEqual(['out.gguf'])
  })
})
