// Encoders as exporters write them, run as models that give vectors.
import type { DecoderSpec, EncoderSpec } from '@fs/arch'
import { encoderGraph, packTensors, serializeGraph } from '@fs/onnx'
import { expect, test } from 'vitest'
import type { WeightData } from '../backend.ts'
import { nodeBackend } from '../node/onnxruntime-node.ts'
import { nmse } from '../test-support/fixtures.test-support.ts'
import { randomWeights, weightReader } from '../test-support/random-weights.test-support.ts'
import { referenceHidden } from '../test-support/reference-model.test-support.ts'
import { SMALL_DECODERS } from '../test-support/small-specs.test-support.ts'
import { decoderAsEncoder } from './decoder-as-encoder.ts'
import { openExportedEncoder } from './open-exported-encoder.ts'

const backend = nodeBackend({ threads: 1 })
const TOKENS = [7, 3, 41, 2, 9]
const size = { contextLength: 64, vocabularySize: 48 }

async function exported(spec: EncoderSpec): Promise<{ model: Uint8Array; weights: readonly WeightData[] }> {
  const graph = encoderGraph(spec, { precision: 'float32', arithmetic: 'exact', formatOf: () => ({ kind: 'float' }), contextLength: 64 })
  const weights: WeightData[] = []
  for await (const packed of packTensors(graph.initializers, weightReader(randomWeights(spec))))
    weights.push({ path: packed.tensor.data, data: packed.data })
  return { model: serializeGraph(graph, 'model', ({ data: location }) => ({ location, offset: 0 })), weights }
}

const encoder = (pooling: EncoderSpec['pooling']) => decoderAsEncoder(SMALL_DECODERS.plain as DecoderSpec, pooling, false)

test('gives the vectors of tokens and texts', async () => {
  const spec = encoder('mean')
  const model = await openExportedEncoder({ ...(await exported(spec)), backend, ...size })
  const rows = referenceHidden(spec, randomWeights(spec), TOKENS)
  expect(nmse(await model.tokenVectors(TOKENS), Float32Array.from(rows.flatMap((row) => [...row])))).toBeLessThan(1e-10)
  const mean = Float32Array.from({ length: spec.hiddenSize }, (_, column) => rows.reduce((sum, row) => sum + row[column]!, 0) / rows.length)
  expect(nmse((await model.embed([TOKENS]))[0]!, mean)).toBeLessThan(1e-10)
  await expect(model.tokenVectors([48])).rejects.toMatchObject({ code: 'runtime/token-out-of-range' })
  await model.dispose()
})

test('a model without pooling has no vectors of texts', async () => {
  const model = await openExportedEncoder({ ...(await exported(encoder('none'))), backend, ...size })
  expect(model.dimension).toBeNull()
  await expect(model.embed([TOKENS])).rejects.toMatchObject({ code: 'runtime/no-pooling' })
  await model.dispose()
})

test('what is no encoder is refused by name', async () => {
  const files = await exported(encoder('none'))
  const session = await backend.createSession(files.model, files.weights)
  const metadata = { inputNames: session.inputNames, outputNames: session.outputNames, outputMetadata: session.outputMetadata }
  const opened = (change: object) =>
    openExportedEncoder({
      ...files,
      ...size,
      backend: { ...backend, createSession: async () => ({ ...metadata, ...change, release: async () => {} }) as never },
    })
  const refused = (message: RegExp) => expect.objectContaining({ code: 'runtime/not-an-encoder', message: expect.stringMatching(message) })
  await expect(opened({ inputNames: ['pixel_values'] })).rejects.toEqual(refused(/pixel_values is unknown/))
  await expect(opened({ inputNames: ['input_ids'] })).rejects.toEqual(refused(/no input attention_mask/))
  await expect(opened({ outputMetadata: [] })).rejects.toEqual(refused(/no output last_hidden_state/))
  await session.release()
})
