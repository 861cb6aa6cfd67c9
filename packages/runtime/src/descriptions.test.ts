// Everything a description of a decoder can say, against its meaning spelled out in double precision.
import type { DecoderSpec } from '@fs/arch'
import { describe, expect, test } from 'vitest'
import { openLanguageModel } from './language-model/open-language-model.ts'
import { nodeBackend } from './node/onnxruntime-node.ts'
import { largestDifference, nmse } from './test-support/fixtures.test-support.ts'
import { randomWeights, weightReader } from './test-support/random-weights.test-support.ts'
import { referenceLogits } from './test-support/reference-model.test-support.ts'
import { SMALL_DECODERS } from './test-support/small-specs.test-support.ts'

const TOKENS = [7, 3, 3, 41, 0, 19, 22, 5, 47, 11, 30, 2, 2, 8, 16, 40, 1, 33]

describe.each(Object.entries(SMALL_DECODERS))('%s', (_what, spec: DecoderSpec) => {
  test('gives the logits the description means, at once, token by token and side by side', async () => {
    const weights = randomWeights(spec)
    const model = await openLanguageModel({
      spec,
      weights: weightReader(weights),
      backend: nodeBackend({ threads: 1 }),
      arithmetic: 'exact',
    })
    try {
      const expected = referenceLogits(spec, weights, TOKENS)
      const sequence = model.createSequence()
      expect(nmse(await model.prefill({ sequence, tokens: TOKENS }, 'all'), expected)).toBeLessThan(1e-10)

      // Logits of each length alone: a rotary embedding may depend on it.
      const lastOf = (length: number) => referenceLogits(spec, weights, TOKENS.slice(0, length)).slice(-spec.vocabularySize)
      const behind = model.createSequence()
      await model.prefill({ sequence: behind, tokens: TOKENS.slice(0, 6) }, 'last')
      sequence.truncate(9)
      for (let length = 10; length <= 13; length++) {
        const [far, near] = await model.step([
          { sequence, tokens: TOKENS.slice(length - 1, length) },
          { sequence: behind, tokens: TOKENS.slice(length - 4, length - 3) },
        ])
        expect(largestDifference(far!, lastOf(length))).toBeLessThan(1e-5)
        expect(largestDifference(near!, lastOf(length - 3))).toBeLessThan(1e-5)
      }
    } finally {
      await model.dispose()
    }
  })
})
