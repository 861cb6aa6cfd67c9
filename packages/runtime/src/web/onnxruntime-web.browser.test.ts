// Models run in a real browser with the logits their description means, on the CPU and, where the browser has one, on the GPU.
import type { DecoderSpec } from '@fs/arch'
import { decoderGraph, packTensors, serializeGraph } from '@fs/onnx'
import { describe, expect, test } from 'vitest'
import { openExportedModel } from '../language-model/open-exported-model.ts'
import { openLanguageModel } from '../language-model/open-language-model.ts'
import { encodedWeights } from '../test-support/encoded-weights.test-support.ts'
import { randomWeights, weightReader } from '../test-support/random-weights.test-support.ts'
import { referenceLogits } from '../test-support/reference-model.test-support.ts'
import { SMALL_DECODERS, wideRows } from '../test-support/small-specs.test-support.ts'
import { webBackend } from './onnxruntime-web.ts'

const hasGpu = (await (navigator as { gpu?: { requestAdapter(): Promise<unknown> } }).gpu?.requestAdapter()) != null

const devices = [
  { device: 'wasm', missing: false },
  // Chromium gives no adapter to a headless page without a GPU, unless it is told to emulate one.
  { device: 'webgpu', missing: !hasGpu },
] as const

describe.each(devices)('$device', ({ device, missing }) => {
  test.skipIf(missing).each(['plain', 'window of seven and a soft cap'])('%s: prefill, steps and a reused prefix', async (kind) => {
    const spec = wideRows(SMALL_DECODERS[kind] as DecoderSpec)
    const { stored, decoded } = encodedWeights(randomWeights(spec), () => 'Q4_0')
    const model = await openLanguageModel({ spec, weights: stored, backend: await webBackend({ device }), arithmetic: 'exact' })
    const sequence = model.createSequence()
    const expectLogits = (actual: Float32Array, tokens: readonly number[]): void => {
      const expected = referenceLogits(spec, decoded, tokens).slice(-spec.vocabularySize)
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      for (const [index, value] of expected.entries()) expect(Math.abs(actual[index]! - value) / largest).toBeLessThan(1e-4)
    }
    expectLogits(await model.prefill({ sequence, tokens: [7, 3, 41] }, 'last'), [7, 3, 41])
    expectLogits((await model.step([{ sequence, tokens: [5] }]))[0]!, [7, 3, 41, 5])
    sequence.truncate(2)
    expectLogits((await model.step([{ sequence, tokens: [9] }]))[0]!, [7, 3, 9])
    const longer = model.createSequence()
    await model.prefill({ sequence: longer, tokens: [2, 8, 1, 30] }, 'last')
    const together = await model.step([
      { sequence: longer, tokens: [4] },
      { sequence, tokens: [12] },
    ])
    expectLogits(together[0]!, [2, 8, 1, 30, 4])
    expectLogits(together[1]!, [7, 3, 9, 12])
    await model.dispose()
  })
})

test('an exported model in halves', async () => {
  const spec = SMALL_DECODERS.plain as DecoderSpec
  const weights = randomWeights(spec)
  const graph = decoderGraph(spec, {
    precision: 'float16',
    arithmetic: 'exact',
    attention: 'fused',
    formatOf: () => ({ kind: 'float' }),
    control: 'all',
    contextLength: spec.contextLength,
  })
  const data: { path: string; data: Uint8Array }[] = []
  for await (const packed of packTensors(graph.initializers, weightReader(weights)))
    data.push({ path: packed.tensor.data, data: packed.data })
  const bytes = serializeGraph(graph, 'model', (tensor) => ({ location: tensor.data, offset: 0 }))
  const backend = await webBackend({ device: 'wasm' })
  const model = await openExportedModel({ model: bytes, weights: data, backend, contextLength: 64, cache: 'returned' })
  const sequence = model.createSequence()
  await model.prefill({ sequence, tokens: [7, 3, 41, 2] }, 'last')
  sequence.truncate(3)
  const [logits] = await model.step([{ sequence, tokens: [5] }])
  const expected = referenceLogits(spec, weights, [7, 3, 41, 5]).slice(-spec.vocabularySize)
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  for (const [index, value] of expected.entries()) expect(Math.abs(logits![index]! - value) / largest).toBeLessThan(5e-3)
  await model.dispose()
})
