// What a language model refuses, and that refusing leaves everything as it was.
import type { DecoderSpec } from '@fs/arch'
import type { LanguageModel } from '@fs/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeBackend } from '../node/onnxruntime-node.ts'
import { largestDifference } from '../test-support/fixtures.test-support.ts'
import { type NamedWeights, randomWeights, weightReader } from '../test-support/random-weights.test-support.ts'
import { SMALL_DECODERS } from '../test-support/small-specs.test-support.ts'
import { openLanguageModel } from './open-language-model.ts'

const spec = SMALL_DECODERS.plain as DecoderSpec
const weights = randomWeights(spec)
const backend = nodeBackend({ threads: 1 })

const open = (from: NamedWeights = weights, contextLength?: number): Promise<LanguageModel> =>
  openLanguageModel({
    spec,
    weights: weightReader(from),
    backend,
    arithmetic: 'exact',
    ...(contextLength === undefined ? {} : { contextLength }),
  })

let model: LanguageModel
beforeEach(async () => {
  model = await open()
})
afterEach(() => model.dispose())

const code = (expected: string) => expect.objectContaining({ code: expected })

describe('a language model refuses', () => {
  test('an empty prompt and an empty batch', async () => {
    const sequence = model.createSequence()
    await expect(model.prefill({ sequence, tokens: [] }, 'last')).rejects.toEqual(code('runtime/empty-input'))
    await expect(model.step([])).rejects.toEqual(code('runtime/empty-input'))
  })

  test.each([-1, 48, 1.5, Number.NaN])('token %s', async (token) => {
    const sequence = model.createSequence()
    await expect(model.prefill({ sequence, tokens: [1, token] }, 'last')).rejects.toEqual(code('runtime/token-out-of-range'))
  })

  test('a prompt longer than the context, and the one token too many', async () => {
    const sequence = model.createSequence()
    const tokens = Array.from({ length: 65 }, (_, index) => index % 48)
    await expect(model.prefill({ sequence, tokens }, 'last')).rejects.toEqual(code('runtime/context-overflow'))
    await model.prefill({ sequence, tokens: tokens.slice(0, 64) }, 'last')
    await expect(model.step([{ sequence, tokens: [0] }])).rejects.toEqual(code('runtime/context-overflow'))
    expect(sequence.tokens).toHaveLength(64)
  })

  test('a context length the model does not have', async () => {
    for (const contextLength of [0, 65, 1.5]) await expect(open(weights, contextLength)).rejects.toEqual(code('runtime/context-length'))
    const short = await open(weights, 8)
    const sequence = short.createSequence()
    await expect(short.prefill({ sequence, tokens: Array(9).fill(1) }, 'last')).rejects.toEqual(code('runtime/context-overflow'))
    await short.dispose()
  })

  test('sequences of another model, freed ones, and one twice in a batch', async () => {
    const other = await open()
    const foreign = other.createSequence()
    await expect(model.step([{ sequence: foreign, tokens: [1] }])).rejects.toEqual(code('runtime/foreign-sequence'))
    await other.dispose()
    const sequence = model.createSequence()
    const input = { sequence, tokens: [1] }
    await expect(model.step([input, input])).rejects.toEqual(code('runtime/repeated-sequence'))
    sequence.dispose()
    sequence.dispose()
    await expect(model.step([input])).rejects.toEqual(code('runtime/disposed'))
    expect(() => sequence.truncate(0)).toThrow(code('runtime/disposed') as unknown as Error)
  })

  test('anything once it is disposed', async () => {
    const sequence = model.createSequence()
    await model.dispose()
    await model.dispose()
    await expect(model.prefill({ sequence, tokens: [1] }, 'last')).rejects.toEqual(code('runtime/disposed'))
    expect(() => model.createSequence()).toThrow(/disposed/)
  })

  test('to cut a sequence to a length it does not have', async () => {
    const sequence = model.createSequence()
    await model.prefill({ sequence, tokens: [1, 2] }, 'last')
    for (const length of [-1, 3, 0.5]) expect(() => sequence.truncate(length)).toThrow(code('runtime/truncate-length'))
  })

  test('logits that are not finite, naming the first; nobody in the batch moves', async () => {
    const name = 'embedding.tokens.weight'
    const values = weights.get(name)!.values.slice()
    values[5 * 32] = Number.NaN
    const damaged = await open(new Map([...weights, [name, { shape: [48, 32], values }]]))
    const [sound, other] = [damaged.createSequence(), damaged.createSequence()]
    await expect(damaged.prefill({ sequence: sound, tokens: [1, 2] }, 'last')).rejects.toEqual(
      expect.objectContaining({ code: 'runtime/not-finite', details: { index: 5, value: Number.NaN } }),
    )
    await expect(
      damaged.step([
        { sequence: sound, tokens: [1] },
        { sequence: other, tokens: [2, 3] },
      ]),
    ).rejects.toEqual(code('runtime/not-finite'))
    expect([sound.tokens, other.tokens]).toEqual([[], []])
    await damaged.dispose()
  })

  test('weights that do not fit the description', async () => {
    const short = { ...weightReader(weights), read: async () => ({ type: 'F32' as const, bytes: new Uint8Array(4) }) }
    await expect(openLanguageModel({ spec, weights: short, backend, arithmetic: 'exact' })).rejects.toEqual(code('onnx/weight-shape'))
  })

  test('what the engine refuses to load, with its reason', async () => {
    const broken = { ...backend, createSession: () => Promise.reject(new Error('no such operator')) }
    await expect(openLanguageModel({ spec, weights: weightReader(weights), backend: broken, arithmetic: 'exact' })).rejects.toEqual(
      expect.objectContaining({ code: 'runtime/session-failed', message: expect.stringContaining('no such operator') }),
    )
  })
})

test('an engine that stops half-way costs the call, not the sequence', async () => {
  let failing = true
  const moody = await openLanguageModel({
    spec,
    weights: weightReader(weights),
    arithmetic: 'exact',
    backend: {
      ...backend,
      createSession: async (...parameters) => {
        const session = await backend.createSession(...parameters)
        const run = session.run.bind(session)
        session.run = ((...inputs: Parameters<typeof run>) =>
          failing ? Promise.reject(new Error('out of memory')) : run(...inputs)) as typeof session.run
        return session
      },
    },
  })
  const sequence = moody.createSequence()
  await expect(moody.prefill({ sequence, tokens: [1, 2] }, 'last')).rejects.toEqual(code('runtime/run-failed'))
  expect(sequence.tokens).toEqual([])
  failing = false
  expect(await moody.prefill({ sequence, tokens: [1, 2] }, 'last')).toHaveLength(48)
  await moody.dispose()
})

describe('sequences', () => {
  const alone = async (tokens: readonly number[]): Promise<Float32Array> => {
    const sequence = model.createSequence()
    const logits = await model.prefill({ sequence, tokens }, 'last')
    sequence.dispose()
    return logits
  }

  test('calls made at once are served one after the other', async () => {
    const sequences = [model.createSequence(), model.createSequence()]
    const both = await Promise.all(sequences.map((sequence, index) => model.prefill({ sequence, tokens: [1, 2, 3 + index] }, 'last')))
    for (const [index, logits] of both.entries()) expect(largestDifference(logits, await alone([1, 2, 3 + index]))).toBeLessThan(1e-5)
  })

  test('outgrow the cache they start with, next to others', async () => {
    const long = await openLanguageModel({
      spec: { ...spec, contextLength: 2048 },
      weights: weightReader(weights),
      backend,
      arithmetic: 'exact',
    })
    const tokens = Array.from({ length: 700 }, (_, index) => (index * 7) % 48)
    const neighbour = long.createSequence()
    await long.prefill({ sequence: neighbour, tokens: tokens.slice(0, 30) }, 'last')
    const sequence = long.createSequence()
    // 700 tokens are more than one chunk; the cache grows from 256 to 1024 while the neighbour's stays valid.
    const whole = await long.prefill({ sequence, tokens }, 'all')
    expect(whole).toHaveLength(700 * 48)
    const [next] = await long.step([
      { sequence: neighbour, tokens: tokens.slice(30, 31) },
      { sequence, tokens: [0] },
    ])
    expect(largestDifference(next!, whole.slice(30 * 48, 31 * 48))).toBeLessThan(1e-5)
    await long.dispose()
  })

  test('a fresh sequence joins longer ones with its first token, in any order, before and after others leave', async () => {
    const [long, gone, fresh] = [model.createSequence(), model.createSequence(), model.createSequence()]
    await model.prefill({ sequence: long!, tokens: [4, 5, 6, 7, 8] }, 'last')
    gone!.dispose()
    const rows = await model.step([
      { sequence: fresh!, tokens: [9] },
      { sequence: long!, tokens: [10] },
    ])
    expect(largestDifference(rows[0]!, await alone([9]))).toBeLessThan(1e-5)
    expect(largestDifference(rows[1]!, await alone([4, 5, 6, 7, 8, 10]))).toBeLessThan(1e-5)
    const both = [model.createSequence(), model.createSequence()]
    const first = await model.step(both.map((sequence, index) => ({ sequence, tokens: [index] })))
    for (const [index, logits] of first.entries()) expect(largestDifference(logits, await alone([index]))).toBeLessThan(1e-5)
  })

  test('a batch may mix single tokens and several', async () => {
    const sequences = Array.from({ length: 3 }, () => model.createSequence())
    const inputs = [[4], [5, 6, 7], [8]].map((tokens, index) => ({ sequence: sequences[index]!, tokens }))
    for (const [index, logits] of (await model.step(inputs)).entries()) {
      expect(largestDifference(logits, await alone(inputs[index]!.tokens))).toBeLessThan(1e-5)
    }
  })
})
