// Weights of every stored type: exact arithmetic gives the logits of the dequantized weights, fast arithmetic comes close.
import type { DecoderSpec } from '@fs/arch'
import { GGML_TYPES } from '@fs/core'
import { blockFormatOf, type WeightReader } from '@fs/onnx'
import { BLOCK_TYPES, type BlockTypeName } from '@fs/quant/block-types'
import { describe, expect, test } from 'vitest'
import { openLanguageModel } from './language-model/open-language-model.ts'
import { nodeBackend } from './node/onnxruntime-node.ts'
import { nmse } from './test-support/fixtures.test-support.ts'
import { type NamedWeights, randomWeights, weightReader } from './test-support/random-weights.test-support.ts'
import { SMALL_DECODERS } from './test-support/small-specs.test-support.ts'

const TOKENS = [7, 3, 3, 41, 0, 19, 22, 5, 47, 11]
const backend = nodeBackend({ threads: 1 })
const base = SMALL_DECODERS.plain as DecoderSpec

/** Rows of 256, so that every type has whole blocks. */
const wide = (spec: DecoderSpec): DecoderSpec => ({
  ...spec,
  hiddenSize: 256,
  layers: spec.layers.slice(0, 1).map((layer) => ({
    ...layer,
    attention: { ...layer.attention, heads: 8, keyValueHeads: 2, headDimension: 32 },
    feedForward: { ...layer.feedForward, width: 256 },
  })),
})

/** The weights encoded, matrices only, and what they decode to. `typeFor` may give each matrix another type. */
function encode(weights: NamedWeights, typeFor: (name: string) => BlockTypeName): { stored: WeightReader; decoded: NamedWeights } {
  const bytes = new Map<string, Uint8Array>()
  const decoded = new Map(weights)
  for (const [name, { shape, values }] of weights) {
    if (shape.length === 1) continue
    const type = BLOCK_TYPES[typeFor(name)]
    const target = new Uint8Array((values.length / type.blockSize) * type.blockBytes)
    const importance = type.importance === 'required' ? new Float32Array(shape.at(-1)!).fill(1) : undefined
    type.quantize!(values, target, importance)
    const back = new Float32Array(values.length)
    type.dequantize(target, back)
    bytes.set(name, target)
    decoded.set(name, { shape, values: back })
  }
  const plain = weightReader(decoded)
  return {
    decoded,
    stored: {
      typeOf: (name) => (bytes.has(name) ? typeFor(name) : 'F32'),
      read: async (name, firstRow, rows) => {
        const whole = bytes.get(name)
        if (whole === undefined) return plain.read(name, firstRow, rows)
        const { blockSize, blockBytes } = GGML_TYPES[typeFor(name)]
        const rowBytes = (weights.get(name)!.shape.at(-1)! / blockSize) * blockBytes
        return { type: typeFor(name), bytes: whole.subarray(firstRow * rowBytes, (firstRow + rows) * rowBytes) }
      },
    },
  }
}

async function logits(spec: DecoderSpec, weights: WeightReader, arithmetic: 'exact' | 'fast'): Promise<Float32Array> {
  const model = await openLanguageModel({ spec, weights, backend, arithmetic })
  try {
    return await model.prefill({ sequence: model.createSequence(), tokens: TOKENS }, 'all')
  } finally {
    await model.dispose()
  }
}

async function check(spec: DecoderSpec, typeFor: (name: string) => BlockTypeName, fastBound = 1e-3): Promise<void> {
  const { stored, decoded } = encode(randomWeights(spec), typeFor)
  const expected = await logits(spec, weightReader(decoded), 'exact')
  expect(nmse(await logits(spec, stored, 'exact'), expected)).toBeLessThan(1e-9)
  expect(nmse(await logits(spec, stored, 'fast'), expected)).toBeLessThan(fastBound)
}

/** All that are multiplied as blocks, and a few of those that become floats. */
const TYPES = (Object.keys(BLOCK_TYPES) as BlockTypeName[]).filter(
  (type) => blockFormatOf(type) !== null || ['F16', 'BF16', 'IQ3_S', 'TQ1_0'].includes(type),
)

describe.each(TYPES)('%s', (type) => {
  test('logits are those of the dequantized weights', () => check(wide(base), () => type))
})

test('a file that mixes types, as Q4_K_M does, in one fused projection too', () =>
  check(wide(base), (name) => (/value|down|tokens/.test(name) ? 'Q6_K' : 'Q4_K')))

// Rounding an activation may send a token to another expert, so the fast bound is wider.
test.each(['Q4_0', 'Q4_K', 'Q8_0', 'F16'] as const)('experts in %s', (type) =>
  check(wide(SMALL_DECODERS['experts, two of five'] as DecoderSpec), (name) => (name.includes('router') ? 'F32' : type), 1e-2),
)
