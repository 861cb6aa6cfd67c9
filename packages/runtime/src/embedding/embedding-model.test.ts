// Embeddings against transformers (BERT) and against the description's meaning in double precision.
import type { DecoderSpec, EncoderSpec } from '@fs/arch'
import { describe, expect, test } from 'vitest'
import { nodeBackend } from '../node/onnxruntime-node.ts'
import { openModelPath } from '../test-support/checkpoint.test-support.ts'
import { largestDifference, nmse, noShared, reference, shared } from '../test-support/fixtures.test-support.ts'
import { randomWeights, weightReader } from '../test-support/random-weights.test-support.ts'
import { referenceHidden } from '../test-support/reference-model.test-support.ts'
import { SMALL_DECODERS } from '../test-support/small-specs.test-support.ts'
import { decoderAsEncoder } from './decoder-as-encoder.ts'
import { openEmbeddingModel } from './embedding-model.ts'

const backend = nodeBackend({ threads: 1 })
const TOKENS = [7, 3, 3, 41, 0, 19, 22, 5, 47, 11, 30, 2]

const plain = SMALL_DECODERS.plain as DecoderSpec

/** The same in both directions, as encoders are. */
function bidirectional(spec: DecoderSpec, pooling: EncoderSpec['pooling'] = 'mean'): EncoderSpec {
  const layers = spec.layers.map((layer) => ({ ...layer, attention: { ...layer.attention, causal: false } }))
  return decoderAsEncoder({ ...spec, layers }, pooling, false)
}

const open = (spec: EncoderSpec) => openEmbeddingModel({ spec, weights: weightReader(randomWeights(spec)), backend, arithmetic: 'exact' })

// Beside this repository: ../shared/fixtures/models/bert.
test.skipIf(noShared)('bert gives transformers’ mean of the last hidden state', async () => {
  const { description, weights, close } = await openModelPath(shared('fixtures/models/bert'))
  const spec: EncoderSpec = { ...(description.spec as EncoderSpec), pooling: 'mean', normalize: false }
  const model = await openEmbeddingModel({ spec, weights, backend, arithmetic: 'exact' })
  const { prompts, logits } = reference('bert')
  const together = await model.embed(prompts.map(({ ids }) => ids))
  for (const [index, { ids }] of prompts.entries()) {
    const [alone] = await model.embed([ids])
    expect(nmse(alone!, logits[index]!)).toBeLessThan(1e-9)
    expect(largestDifference(together[index]!, alone!)).toBeLessThan(1e-5)
  }
  await model.dispose()
  await close()
})

describe.each([...Object.entries(SMALL_DECODERS).filter(([what]) => !what.includes('head with') && !what.includes('longrope'))] as const)(
  'an encoder: %s',
  (_what, decoder) => {
    test.each(['one direction', 'both directions'] as const)('gives the token vectors the description means, in %s', async (direction) => {
      const spec = direction === 'one direction' ? decoderAsEncoder(decoder, 'none', false) : bidirectional(decoder, 'none')
      const model = await open(spec)
      const expected = Float32Array.from(referenceHidden(spec, randomWeights(spec), TOKENS).flatMap((row) => [...row]))
      expect(nmse(await model.tokenVectors(TOKENS), expected)).toBeLessThan(1e-10)
      await model.dispose()
    })
  },
)

describe('pooling', () => {
  const hidden = (spec: EncoderSpec, tokens: readonly number[]) => referenceHidden(spec, randomWeights(spec), tokens)
  const texts = [TOKENS, TOKENS.slice(0, 5), [9]]

  test.each([
    ['mean', (rows: readonly Float64Array[]) => rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length)],
    ['first', (rows: readonly Float64Array[]) => rows[0]!],
    ['last', (rows: readonly Float64Array[]) => rows.at(-1)!],
  ] as const)('%s, of texts of different lengths together', async (pooling, expected) => {
    const spec = bidirectional(plain, pooling)
    const model = await open(spec)
    for (const [index, vector] of (await model.embed(texts)).entries()) {
      expect(nmse(vector, Float32Array.from(expected(hidden(spec, texts[index]!))))).toBeLessThan(1e-10)
    }
    await model.dispose()
  })

  test('linear layers after it, and length one', async () => {
    const dense = [
      { inputSize: 32, outputSize: 12, bias: true, activation: 'tanh' },
      { inputSize: 12, outputSize: 6, bias: false, activation: 'identity' },
    ] as const
    const spec: EncoderSpec = { ...bidirectional(plain, 'first'), dense, normalize: true }
    const weights = randomWeights(spec)
    const model = await open(spec)
    expect(model.dimension).toBe(6)
    const times = (name: string, row: ArrayLike<number>) => {
      const { shape, values } = weights.get(name)!
      return Array.from({ length: shape[0]! }, (_, out) => Array.from(row).reduce((sum, x, i) => sum + x * values[out * shape[1]! + i]!, 0))
    }
    const first = times('dense.0.weight', hidden(spec, TOKENS)[0]!).map((value, i) =>
      Math.tanh(value + weights.get('dense.0.bias')!.values[i]!),
    )
    const second = times('dense.1.weight', first)
    const length = Math.hypot(...second)
    const [vector] = await model.embed([TOKENS])
    expect(
      nmse(
        vector!,
        Float32Array.from(second, (value) => value / length),
      ),
    ).toBeLessThan(1e-10)
    await model.dispose()
  })
})

test('refuses what it cannot compute', async () => {
  const code = (expected: string) => expect.objectContaining({ code: expected })
  const model = await open(bidirectional(plain, 'none'))
  await expect(model.embed([[1]])).rejects.toEqual(code('runtime/no-pooling'))
  await expect(model.tokenVectors([])).rejects.toEqual(code('runtime/empty-input'))
  await expect(model.tokenVectors([48])).rejects.toEqual(code('runtime/token-out-of-range'))
  await expect(model.tokenVectors(Array(65).fill(1))).rejects.toEqual(code('runtime/context-overflow'))
  await model.dispose()
  await expect(model.tokenVectors([1])).rejects.toEqual(code('runtime/disposed'))
  const pooling = await open(bidirectional(plain))
  await expect(pooling.embed([])).rejects.toEqual(code('runtime/empty-input'))
  await pooling.dispose()
})
