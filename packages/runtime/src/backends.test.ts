// What every backend has to do alike, whoever owns the cache. Exactness against references is tested elsewhere, on one of them.
import type { DecoderSpec } from '@fs/arch'
import type { LanguageModel } from '@fs/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLanguageModel } from './language-model/open-language-model.ts'
import { nodeBackend } from './node/onnxruntime-node.ts'
import { encodedWeights } from './test-support/encoded-weights.test-support.ts'
import { largestDifference, nmse } from './test-support/fixtures.test-support.ts'
import { randomWeights, weightReader } from './test-support/random-weights.test-support.ts'
import { referenceLogits } from './test-support/reference-model.test-support.ts'
import { SMALL_DECODERS, wideRows } from './test-support/small-specs.test-support.ts'
import { webBackend } from './web/onnxruntime-web.ts'

const TOKENS = [7, 3, 3, 41, 0, 19, 22, 5, 47, 11, 30, 2]
const KINDS = [
  'plain',
  'window of seven and a soft cap',
  'alibi',
  'alibi with a window',
  'heads of 12',
  'one key head',
  'rotation in neighbouring pairs',
  'longrope across its boundary',
  'experts, two of five',
]

const backends = {
  'onnxruntime-node': async () => nodeBackend({ threads: 1 }),
  'onnxruntime-node, its attention in standard operators': async () => ({
    ...nodeBackend({ threads: 1 }),
    lacks: ['grouped-query-attention'] as const,
  }),
  'onnxruntime-web on the CPU': () => webBackend({ device: 'wasm' }),
}

describe.each(Object.entries(backends))('%s', (_name, backend) => {
  describe.each(KINDS)('%s', (kind) => {
    const spec = SMALL_DECODERS[kind] as DecoderSpec
    const weights = randomWeights(spec)
    let model: LanguageModel
    beforeAll(async () => {
      model = await openLanguageModel({ spec, weights: weightReader(weights), backend: await backend(), arithmetic: 'exact' })
    })
    afterAll(() => model.dispose())

    const expected = (tokens: readonly number[]) => referenceLogits(spec, weights, tokens).slice(-spec.vocabularySize)

    test('a prompt, and token by token after it', async () => {
      const sequence = model.createSequence()
      expect(nmse(await model.prefill({ sequence, tokens: TOKENS.slice(0, 8) }, 'last'), expected(TOKENS.slice(0, 8)))).toBeLessThan(1e-10)
      for (let length = 9; length <= TOKENS.length; length++) {
        const [logits] = await model.step([{ sequence, tokens: TOKENS.slice(length - 1, length) }])
        expect(nmse(logits!, expected(TOKENS.slice(0, length)))).toBeLessThan(1e-10)
      }
      sequence.dispose()
    })

    test('sequences together, cut back and continued otherwise', async () => {
      const sequences = [model.createSequence(), model.createSequence()]
      await model.prefill({ sequence: sequences[0]!, tokens: TOKENS }, 'last')
      await model.prefill({ sequence: sequences[1]!, tokens: TOKENS.slice(0, 5) }, 'last')
      sequences[0]!.truncate(7)
      const rows = await model.step(sequences.map((sequence) => ({ sequence, tokens: [9] })))
      expect(largestDifference(rows[0]!, expected([...TOKENS.slice(0, 7), 9]))).toBeLessThan(1e-5)
      expect(largestDifference(rows[1]!, expected([...TOKENS.slice(0, 5), 9]))).toBeLessThan(1e-5)
      sequences[0]!.truncate(0)
      const fresh = await model.prefill({ sequence: sequences[0]!, tokens: [1, 2, 3] }, 'last')
      expect(largestDifference(fresh, expected([1, 2, 3]))).toBeLessThan(1e-5)
      for (const sequence of sequences) sequence.dispose()
    })
  })

  test.each(['Q4_0', 'Q4_K', 'Q6_K', 'Q8_0', 'Q3_K'] as const)('weights in %s', async (type) => {
    const spec = wideRows(SMALL_DECODERS.plain as DecoderSpec)
    const { stored, decoded } = encodedWeights(randomWeights(spec), () => type)
    const expected = referenceLogits(spec, decoded, TOKENS)
    for (const [arithmetic, bound] of [
      ['exact', 1e-9],
      ['fast', 1e-3],
    ] as const) {
      const model = await openLanguageModel({ spec, weights: stored, backend: await backend(), arithmetic })
      expect(nmse(await model.prefill({ sequence: model.createSequence(), tokens: TOKENS }, 'all'), expected)).toBeLessThan(bound)
      await model.dispose()
    }
  })
})
