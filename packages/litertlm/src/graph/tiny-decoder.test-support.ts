// A decoder small enough to build in a test: two layers, one of which sees a window, and weights made up from their names.
import { canonicalTensors, type DecoderSpec, type LayerSpec, type NormSpec } from '@fs/arch'
import { planTflite } from './plan-tflite.ts'
import type { TfliteOptions, TflitePlan, WeightReader } from './tflite-plan.ts'
import { writeTflite } from './write-tflite.ts'

const rms: NormSpec = { kind: 'rms', epsilon: 1e-6, weightOffset: 1 }

export const tinyLayer: Extract<LayerSpec, { kind: 'sequential' }> = {
  kind: 'sequential',
  attention: {
    kind: 'attention',
    heads: 4,
    keyValueHeads: 2,
    headDimension: 16,
    scale: 0.25,
    causal: true,
    window: null,
    softCap: null,
    clamp: null,
    bias: { query: true, key: false, value: false, output: false },
    queryKeyNorm: { norm: rms, over: 'head' },
    position: { kind: 'rope', dimensions: 16, base: 10000, pairing: 'half-split', scaling: { kind: 'none' } },
  },
  feedForward: { kind: 'glu', width: 64, activation: 'silu', bias: false },
  attentionNorm: rms,
  attentionPostNorm: null,
  feedForwardNorm: rms,
  feedForwardPostNorm: null,
}

export const tinyDecoder: DecoderSpec = {
  kind: 'decoder',
  vocabularySize: 48,
  hiddenSize: 32,
  contextLength: 128,
  embedding: { scale: null, positions: null, tokenTypes: null, norm: null },
  layers: [tinyLayer, { ...tinyLayer, attention: { ...tinyLayer.attention, window: 3 } }],
  outputNorm: rms,
  head: { kind: 'tied', bias: false, softCap: null },
}

export const tinyOptions: TfliteOptions = { quantization: 'none', cacheLength: 16, prefillLengths: [4], weights: 'outside' }

/** Numbers between -0.5 and 0.5, the same for the same place in the same tensor. */
export function tinyNumber(tensor: string, index: number): number {
  let state = tensor.length + 31 * index
  for (const character of tensor) state = Math.imul(state ^ character.charCodeAt(0), 16777619)
  return Math.fround((state >>> 8) / 2 ** 24 - 0.5)
}

export const tinyWeights: WeightReader = {
  read: async (name, firstRow, rows) => {
    const { shape } = canonicalTensors(tinyDecoder).find((tensor) => tensor.name === name)!
    const width = shape.length === 1 ? 1 : shape.at(-1)!
    const values = Float32Array.from({ length: rows * width }, (_, index) => tinyNumber(name, firstRow * width + index))
    return { type: 'F32', bytes: new Uint8Array(values.buffer) }
  },
}

/** The whole file, in memory. */
export async function tinyFile(options: Partial<TfliteOptions> = {}): Promise<{ readonly plan: TflitePlan; readonly bytes: Uint8Array }> {
  const plan = planTflite(tinyDecoder, { ...tinyOptions, ...options })
  const bytes = new Uint8Array(plan.byteLength)
  await writeTflite(plan, tinyWeights, async (offset, part) => bytes.set(part, offset))
  return { plan, bytes }
}
