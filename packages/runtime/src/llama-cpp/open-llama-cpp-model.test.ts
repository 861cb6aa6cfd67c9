// llama.cpp as a language model, next to the same weights on ONNX Runtime.
import type { DecoderSpec } from '@fs/arch'
import type { LanguageModel } from '@fs/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLanguageModel } from '../language-model/open-language-model.ts'
import { nodeBackend } from '../node/onnxruntime-node.ts'
import { openModelPath } from '../test-support/checkpoint.test-support.ts'
import { argmax, largestDifference, nmse, noShared, shared } from '../test-support/fixtures.test-support.ts'
import { openLlamaCppModel } from './open-llama-cpp-model.ts'

const path = shared('realdata/stories260k-gguf/stories260K.gguf')
const TOKENS = [1, 403, 407, 261, 378, 31, 38, 12, 9, 100]
const code = (expected: string) => expect.objectContaining({ code: expected })

// Beside this repository: ../shared/realdata/stories260k-gguf.
describe.skipIf(noShared)('the llama.cpp engine', () => {
  let model: LanguageModel
  beforeAll(async () => {
    model = await openLlamaCppModel({ path, contextLength: 64, sequences: 3 })
  })
  afterAll(() => model.dispose())

  test('gives the logits ONNX Runtime gives, for every position', async () => {
    const { description, weights, close } = await openModelPath(path)
    const ours = await openLanguageModel({
      spec: description.spec as DecoderSpec,
      weights,
      backend: nodeBackend({ threads: 1 }),
      arithmetic: 'exact',
    })
    const expected = await ours.prefill({ sequence: ours.createSequence(), tokens: TOKENS }, 'all')
    const sequence = model.createSequence()
    const actual = await model.prefill({ sequence, tokens: TOKENS }, 'all')
    // Its cache holds halves.
    expect(nmse(actual, expected)).toBeLessThan(1e-5)
    sequence.dispose()
    await ours.dispose()
    await close()
  })

  test('continues greedily alike in a batch, alone, and from a reused prefix', async () => {
    const sequences = [model.createSequence(), model.createSequence()]
    const [long, short] = [TOKENS, TOKENS.slice(0, 4)]
    await model.prefill({ sequence: sequences[0]!, tokens: long.slice(0, -1) }, 'last')
    await model.prefill({ sequence: sequences[1]!, tokens: short.slice(0, -1) }, 'last')
    const together = await model.step([
      { sequence: sequences[0]!, tokens: long.slice(-1) },
      { sequence: sequences[1]!, tokens: short.slice(-1) },
    ])
    const third = model.createSequence()
    const alone = await model.prefill({ sequence: third, tokens: long }, 'last')
    third.truncate(4)
    expect(third.tokens).toEqual(short)
    const again = await model.prefill({ sequence: third, tokens: long.slice(4) }, 'last')
    expect(largestDifference(together[0]!, alone)).toBeLessThan(1e-3)
    expect(largestDifference(again, alone)).toBeLessThan(1e-3)
    expect(argmax(together[0]!)).toBe(argmax(alone))
    for (const sequence of [...sequences, third]) sequence.dispose()
  })

  test('refuses what it cannot do, and stays alive', async () => {
    const sequences = [model.createSequence(), model.createSequence(), model.createSequence()]
    const [sequence] = sequences
    expect(() => model.createSequence()).toThrow(code('runtime/too-many-sequences'))
    await expect(model.prefill({ sequence: sequence!, tokens: [] }, 'last')).rejects.toEqual(code('runtime/empty-input'))
    await expect(model.step([])).rejects.toEqual(code('runtime/empty-input'))
    await expect(model.prefill({ sequence: sequence!, tokens: [512] }, 'last')).rejects.toEqual(code('runtime/token-out-of-range'))
    await expect(model.prefill({ sequence: sequence!, tokens: Array(65).fill(1) }, 'last')).rejects.toEqual(
      code('runtime/context-overflow'),
    )
    const twice = { sequence: sequence!, tokens: [1] }
    await expect(model.step([twice, twice])).rejects.toEqual(code('runtime/repeated-sequence'))
    expect(() => sequence!.truncate(1)).toThrow(code('runtime/truncate-length'))
    for (const used of sequences) used.dispose()
    await expect(model.step([twice])).rejects.toEqual(code('runtime/disposed'))
    expect(() => sequence!.truncate(0)).toThrow(/was disposed/)
    const next = model.createSequence()
    expect(await model.prefill({ sequence: next, tokens: [1] }, 'last')).toHaveLength(512)
    next.dispose()
  })

  test('says why a file cannot be loaded', async () => {
    const options = { path: shared('README.md'), contextLength: 64, sequences: 1 }
    await expect(openLlamaCppModel(options)).rejects.toEqual(code('runtime/session-failed'))
  })
})
