// What linear layers read, held against the description's meaning in double precision.
import type { DecoderSpec } from '@fs/arch'
import { describe, expect, test } from 'vitest'
import { nodeBackend } from '../node/onnxruntime-node.ts'
import { nmse } from '../test-support/fixtures.test-support.ts'
import { randomWeights, weightReader } from '../test-support/random-weights.test-support.ts'
import { referenceHidden } from '../test-support/reference-model.test-support.ts'
import { SMALL_DECODERS } from '../test-support/small-specs.test-support.ts'
import { HEAD_INPUT, openLayerInputs, openSquaredInputs } from './activations.ts'
import { decoderAsEncoder } from './decoder-as-encoder.ts'

const backend = nodeBackend({ threads: 1 })
const TOKENS = [7, 3, 3, 41, 0, 19, 22, 5, 47, 11, 30, 2]

const optionsOf = (decoder: DecoderSpec) => {
  const spec = decoderAsEncoder(decoder, 'none', false)
  return { spec, weights: weightReader(randomWeights(spec)), backend }
}

describe.each(Object.entries(SMALL_DECODERS).filter(([what]) => !what.includes('longrope')))('inside a model: %s', (_, decoder) => {
  test('every linear layer is there, the last norm comes last, and squares are the squares of the inputs', async () => {
    const options = optionsOf(decoder)
    const [whole, squared] = [await openLayerInputs(options), await openSquaredInputs(options)]
    const [inputs, sums] = [await whole.run(TOKENS), await squared.run(TOKENS)]
    expect([...inputs.keys()].at(-1)).toBe(HEAD_INPUT)
    expect(inputs.has('layers.0.attention.query') && inputs.has('layers.0.attention.output')).toBe(true)
    const hidden = referenceHidden(options.spec, randomWeights(options.spec), TOKENS).flatMap((row) => [...row])
    expect(nmse(inputs.get(HEAD_INPUT)!, Float32Array.from(hidden))).toBeLessThan(1e-10)
    for (const [name, { sums: actual, count }] of sums) {
      const values = inputs.get(name)!
      expect(values.length).toBe(count * actual.length)
      for (const [channel, sum] of actual.entries()) {
        let expected = 0
        for (let row = 0; row < count; row++) expected += values[row * actual.length + channel]! ** 2
        expect(Math.abs(sum - expected)).toBeLessThan(1e-5 * Math.max(1, expected))
      }
    }
    await whole.dispose()
    await squared.dispose()
  })
})

test('refuses what it cannot compute', async () => {
  const model = await openSquaredInputs(optionsOf(SMALL_DECODERS.plain as DecoderSpec))
  await expect(model.run([48])).rejects.toMatchObject({ code: 'runtime/token-out-of-range' })
  await expect(model.run(Array(65).fill(1))).rejects.toMatchObject({ code: 'runtime/context-overflow' })
  await model.dispose()
  await expect(model.run([1])).rejects.toMatchObject({ code: 'runtime/disposed' })
})
