// Weights of every stored type: exact arithmetic gives the logits of the dequantized weights, the faster ones come close.
import type { DecoderSpec } from '@fs/arch'
import type { WeightReader } from '@fs/onnx'
import { BLOCK_TYPES, type BlockTypeName } from '@fs/quant/block-types'
import { describe, expect, test } from 'vitest'
import { openLanguageModel } from './language-model/open-language-model.ts'
import { nodeBackend } from './node/onnxruntime-node.ts'
import { encodedWeights } from './test-support/encoded-weights.test-support.ts'
import { nmse } from './test-support/fixtures.test-support.ts'
import { randomWeights, weightReader } from './test-support/random-weights.test-support.ts'
import { SMALL_DECODERS, wideRows } from './test-support/small-specs.test-support.ts'
import type { Arithmetic } from './weight-format.ts'

const TOKENS = [7, 3, 3, 41, 0, 19, 22, 5, 47, 11]
const backend = nodeBackend({ threads: 1 })
const base = SMALL_DECODERS.plain as DecoderSpec

async function logits(spec: DecoderSpec, weights: WeightReader, arithmetic: Arithmetic): Promise<Float32Array> {
  const model = await openLanguageModel({ spec, weights, backend, arithmetic })
  try {
    return await model.prefill({ sequence: model.createSequence(), tokens: TOKENS }, 'all')
  } finally {
    await model.dispose()
  }
}

async function check(spec: DecoderSpec, typeFor: (name: string) => BlockTypeName, fastBound = 1e-3): Promise<void> {
  const { stored, decoded } = encodedWeights(randomWeights(spec), typeFor)
  const expected = await logits(spec, weightReader(decoded), 'exact')
  expect(nmse(await logits(spec, stored, 'exact'), expected)).toBeLessThan(1e-9)
  expect(nmse(await logits(spec, stored, 'fast'), expected)).toBeLessThan(fastBound)
  expect(nmse(await logits(spec, stored, 'fastest'), expected)).toBeLessThan(2 * fastBound)
}

/** Every type something can be encoded as. */
const TYPES = (Object.keys(BLOCK_TYPES) as BlockTypeName[]).filter((type) => BLOCK_TYPES[type].quantize !== undefined)

describe.each(TYPES)('%s', (type) => {
  test('logits are those of the dequantized weights', () => check(wideRows(base), () => type))
})

test('a file that mixes types, as Q4_K_M does, in one fused projection too', () =>
  check(wideRows(base), (name) => (/value|down|tokens/.test(name) ? 'Q6_K' : 'Q4_K')))

// Rounding an activation may send a token to another expert, so the fast bound is wider.
test.each(['Q4_0', 'Q4_K', 'Q8_0', 'F16'] as const)('experts in %s', (type) =>
  check(wideRows(SMALL_DECODERS['experts, two of five'] as DecoderSpec), (name) => (name.includes('router') ? 'F32' : type), 1e-2),
)
