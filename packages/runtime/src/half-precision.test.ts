// Graphs with activations, weights and cache in float16, for GPUs: run on the CPU, they come as close as halves can.
import type { DecoderSpec } from '@fs/arch'
import { decoderGraph, packTensors, serializeGraph } from '@fs/onnx'
import { halfToFloat } from '@fs/quant/floats'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { nmse } from './test-support/fixtures.test-support.ts'
import { randomWeights, weightReader } from './test-support/random-weights.test-support.ts'
import { referenceLogits } from './test-support/reference-model.test-support.ts'
import { SMALL_DECODERS } from './test-support/small-specs.test-support.ts'

const TOKENS = [7, 3, 41, 2, 9, 30, 1]

async function halfLogits(spec: DecoderSpec, attention: 'fused' | 'explicit'): Promise<Float32Array> {
  const graph = decoderGraph(spec, {
    precision: 'float16',
    arithmetic: 'exact',
    attention,
    formatOf: () => ({ kind: 'float' }),
    control: 'all',
    contextLength: spec.contextLength,
  })
  const model = serializeGraph(graph, 'model', ({ data }) => ({ location: data, offset: 0 }))
  const externalData: { path: string; data: Uint8Array }[] = []
  for await (const { tensor, data } of packTensors(graph.initializers, weightReader(randomWeights(spec))))
    externalData.push({ path: tensor.data, data })
  const session = await InferenceSession.create(model, { externalData, logSeverityLevel: 3, intraOpNumThreads: 1 })
  const row = [1, TOKENS.length]
  const empty = graph.inputs
    .filter(({ name }) => name.startsWith('past'))
    .map(({ name, shape }) => [name, new Tensor('float16', new Uint16Array(0), [1, Number(shape[1]), 0, Number(shape[3])])] as const)
  const { logits } = await session.run({
    input_ids: new Tensor('int64', BigInt64Array.from(TOKENS, BigInt), row),
    attention_mask: new Tensor('int64', new BigInt64Array(TOKENS.length).fill(1n), row),
    ...Object.fromEntries(empty),
  })
  const values = logits!.data
  // Where JavaScript has a Float16Array, halves come as numbers.
  const floats =
    values instanceof Uint16Array ? Float32Array.from(values, halfToFloat) : Float32Array.from(values as unknown as ArrayLike<number>)
  await session.release()
  return floats
}

describe.each(Object.entries(SMALL_DECODERS))('%s', (_what, spec) => {
  test.each(['fused', 'explicit'] as const)('in halves, with %s attention', async (attention) => {
    expect(nmse(await halfLogits(spec, attention), referenceLogits(spec, randomWeights(spec), TOKENS))).toBeLessThan(1e-5)
  })
})
