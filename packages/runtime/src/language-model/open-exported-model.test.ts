// ONNX models as exporters write them, run as language models.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DecoderSpec } from '@fs/arch'
import { type DecoderGraphOptions, decoderGraph, graphTensorBytes, packTensors, serializeGraph } from '@fs/onnx'
import { describe, expect, test } from 'vitest'
import type { WeightData } from '../backend.ts'
import { nodeBackend } from '../node/onnxruntime-node.ts'
import { nmse } from '../test-support/fixtures.test-support.ts'
import { randomWeights, weightReader } from '../test-support/random-weights.test-support.ts'
import { referenceLogits } from '../test-support/reference-model.test-support.ts'
import { SMALL_DECODERS } from '../test-support/small-specs.test-support.ts'
import { webBackend } from '../web/onnxruntime-web.ts'
import { openExportedModel } from './open-exported-model.ts'

const spec = SMALL_DECODERS.plain as DecoderSpec
const weights = randomWeights(spec)
const backend = nodeBackend({ threads: 1 })
const TOKENS = [7, 3, 41, 2, 9, 30, 1]

async function exported(change: Partial<DecoderGraphOptions>): Promise<{ model: Uint8Array; weights: readonly WeightData[] }> {
  const graph = decoderGraph(spec, {
    precision: 'float32',
    arithmetic: 'exact',
    attention: 'fused',
    formatOf: () => ({ kind: 'float' }),
    control: 'all',
    contextLength: spec.contextLength,
    ...change,
  })
  const data: WeightData[] = []
  for await (const packed of packTensors(graph.initializers, weightReader(weights)))
    data.push({ path: packed.tensor.data, data: packed.data })
  return { model: serializeGraph(graph, 'model', ({ data: location }) => ({ location, offset: 0 })), weights: data }
}

const code = (expected: string) => expect.objectContaining({ code: expected })

describe.each([
  ['logits of all positions, cache in place', { control: 'all' }, 'in-place'],
  ['logits of the last position, cache returned', { control: 'last' }, 'returned'],
  ['attention in standard operators', { attention: 'explicit' }, 'returned'],
] as const)('%s', (_what, change, cache) => {
  test('prefill, steps and a reused prefix', async () => {
    const model = await openExportedModel({ ...(await exported(change)), backend, contextLength: 64, cache })
    expect(model.vocabularySize).toBe(48)
    const expected = (tokens: readonly number[]) => referenceLogits(spec, weights, tokens)
    const sequence = model.createSequence()
    expect(nmse(await model.prefill({ sequence, tokens: TOKENS }, 'all'), expected(TOKENS))).toBeLessThan(1e-10)
    const [next] = await model.step([{ sequence, tokens: [5] }])
    expect(nmse(next!, expected([...TOKENS, 5]).slice(-48))).toBeLessThan(1e-10)
    sequence.truncate(3)
    const again = await model.prefill({ sequence, tokens: [8, 9] }, 'last')
    expect(nmse(again, expected([...TOKENS.slice(0, 3), 8, 9]).slice(-48))).toBeLessThan(1e-10)
    await model.dispose()
  })
})

test('by path, with external data beside it', async () => {
  const graph = decoderGraph(spec, {
    precision: 'float32',
    arithmetic: 'exact',
    attention: 'fused',
    formatOf: () => ({ kind: 'float' }),
    control: 'all',
    contextLength: 64,
  })
  const folder = await mkdtemp(join(tmpdir(), 'exported-'))
  try {
    const places = new Map<string, number>()
    const parts: Uint8Array[] = []
    let size = 0
    for await (const { tensor, data } of packTensors(graph.initializers, weightReader(weights))) {
      expect(data.length).toBe(graphTensorBytes(tensor))
      places.set(tensor.data, size)
      parts.push(data)
      size += data.length
    }
    await writeFile(join(folder, 'model.onnx_data'), Buffer.concat(parts))
    const model = serializeGraph(graph, 'model', ({ data }) => ({ location: 'model.onnx_data', offset: places.get(data)! }))
    await writeFile(join(folder, 'model.onnx'), model)
    const opened = await openExportedModel({ model: join(folder, 'model.onnx'), backend, contextLength: 64, cache: 'in-place' })
    const logits = await opened.prefill({ sequence: opened.createSequence(), tokens: TOKENS }, 'last')
    expect(nmse(logits, referenceLogits(spec, weights, TOKENS).slice(-48))).toBeLessThan(1e-10)
    await opened.dispose()
  } finally {
    await rm(folder, { recursive: true })
  }
})

describe.each([
  ['onnxruntime-node, cache in place', async () => backend, 'in-place'],
  ['onnxruntime-node, cache returned', async () => backend, 'returned'],
  ['onnxruntime-web', () => webBackend({ device: 'wasm' }), 'returned'],
] as const)('halves on %s', (_what, open, cache) => {
  test('prefill, steps and a reused prefix', async () => {
    const halves = await exported({ precision: 'float16' })
    const model = await openExportedModel({ ...halves, backend: await open(), contextLength: 64, cache })
    const sequence = model.createSequence()
    const logits = await model.prefill({ sequence, tokens: TOKENS }, 'last')
    expect(nmse(logits, referenceLogits(spec, weights, TOKENS).slice(-48))).toBeLessThan(1e-5)
    const [after] = await model.step([{ sequence, tokens: [8] }])
    expect(nmse(after!, referenceLogits(spec, weights, [...TOKENS, 8]).slice(-48))).toBeLessThan(1e-5)
    sequence.truncate(3)
    const [next] = await model.step([{ sequence, tokens: [5] }])
    expect(nmse(next!, referenceLogits(spec, weights, [...TOKENS.slice(0, 3), 5]).slice(-48))).toBeLessThan(1e-5)
    await model.dispose()
  })
})

test('what is no decoder is refused by name', async () => {
  const { model, weights: data } = await exported({})
  const session = await backend.createSession(model, data)
  const without = (change: object) => {
    const changed = { ...backend, createSession: async () => ({ ...session, release: async () => {}, ...metadata(change) }) as never }
    return openExportedModel({ model, backend: changed, contextLength: 64, cache: 'returned' })
  }
  const metadata = (change: object) => ({
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    inputMetadata: session.inputMetadata,
    outputMetadata: session.outputMetadata,
    ...change,
  })
  const refused = (reason: RegExp) => expect.objectContaining({ code: 'runtime/not-a-decoder', message: expect.stringMatching(reason) })
  await expect(without({ inputNames: ['input_ids'] })).rejects.toEqual(refused(/no input attention_mask/))
  await expect(without({ outputNames: ['logits'] })).rejects.toEqual(refused(/no output present\.0\.key/))
  await expect(without({ outputMetadata: [] })).rejects.toEqual(refused(/no output logits/))
  const [tokens, mask] = session.inputMetadata
  await expect(without({ inputMetadata: [tokens, mask] })).rejects.toEqual(refused(/past_key_values/))
  const pixels = { name: 'pixel_values', isTensor: true, type: 'float32', shape: [1] }
  await expect(without({ inputMetadata: [...session.inputMetadata, pixels] })).rejects.toEqual(refused(/pixel_values is unknown/))
  const flat = { name: 'past_key_values.0.key', isTensor: true, type: 'float32', shape: ['batch', 'heads'] }
  await expect(without({ inputMetadata: [tokens, mask, flat] })).rejects.toEqual(refused(/past_key_values\.0\.key is not/))
  await session.release()
  const damaged = openExportedModel({ model: model.slice(0, 50), backend, contextLength: 64, cache: 'returned' })
  await expect(damaged).rejects.toEqual(code('runtime/session-failed'))
})
