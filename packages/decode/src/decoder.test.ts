import { describe, expect, test } from 'vitest'
import { checkVocabulary } from './codec.ts'
import type { DecodingConfig } from './config.ts'
import { decodeBatch, decodeText, streamText } from './decode.ts'
import { createDecoder } from './decoder.ts'
import { CODEC, hashedRow, tableModel } from './testing.test-support.ts'

const SIZE = CODEC.vocabularySize
const model = (context = 512) => tableModel(SIZE, context, hashedRow(SIZE, 3))
const encode = (text: string) => CODEC.encode(text, { addSpecialTokens: true })

describe('errors', () => {
  const code = (expected: string) => expect.objectContaining({ code: expected })

  test('an empty prompt', async () => {
    await expect(decodeText(model(), CODEC, '')).rejects.toThrow(code('decode/empty-prompt'))
    await expect(decodeText(model(), CODEC, [])).rejects.toThrow(code('decode/empty-prompt'))
  })

  test('a prompt longer than the model holds; one that just fits gets one token', async () => {
    await expect(decodeText(model(8), CODEC, 'a'.repeat(9))).rejects.toThrow(code('decode/prompt-too-long'))
    expect(await decodeText(model(8), CODEC, 'a'.repeat(8))).toMatchObject({ finishReason: 'context-full', usage: { completionTokens: 1 } })
  })

  test('more tokens asked for than fit is refused before any work; none asked for ends where the model is full', async () => {
    const table = model(10)
    await expect(decodeText(table, CODEC, 'aaaa', { strategy: 'greedy', maxTokens: 8 })).rejects.toThrow(code('decode/context-overflow'))
    expect(table.calls.prefill).toBe(0)
    expect(await decodeText(table, CODEC, 'aaaa', { strategy: 'greedy', maxTokens: 7 })).toMatchObject({ finishReason: 'max-tokens' })
    expect(await decodeText(table, CODEC, 'aaaa')).toMatchObject({ finishReason: 'context-full', usage: { completionTokens: 7 } })
  })

  test('ids the model does not have, and a tokenizer of another model', async () => {
    await expect(decodeText(model(), CODEC, [1, SIZE])).rejects.toThrow(code('decode/vocabulary-mismatch'))
    await expect(decodeText(model(), CODEC, [1, -1])).rejects.toThrow(code('decode/vocabulary-mismatch'))
    await expect(decodeText(model(), CODEC, [1.5])).rejects.toThrow(code('decode/vocabulary-mismatch'))
    const other = (rows: number) => () => checkVocabulary({ ...CODEC, vocabularySize: 32_000 }, tableModel(rows, 8, hashedRow(rows, 1)))
    expect(other(128_256)).toThrow(code('decode/vocabulary-mismatch'))
    expect(other(31_000)).toThrow(code('decode/vocabulary-mismatch'))
    expect(other(32_064)).not.toThrow()
    expect(other(31_999)).not.toThrow()
    expect(() => createDecoder(tableModel(50_000, 8, hashedRow(1, 1)), CODEC)).toThrow(code('decode/vocabulary-mismatch'))
  })

  test('a NaN in the logits ends its own completion only', async () => {
    const row = hashedRow(SIZE, 3)
    const table = tableModel(SIZE, 512, (tokens) => {
      const logits = row(tokens).slice()
      if (tokens[0] === encode('b')[0] && tokens.length === 4) logits[7] = Number.NaN
      return logits
    })
    const decoder = createDecoder(table, CODEC)
    const config = { strategy: 'greedy', maxTokens: 12 } as const
    const [a, b, c] = await Promise.allSettled(['a', 'b', 'c'].map((prompt) => decoder.complete({ prompt, config })))
    expect([a?.status, c?.status]).toEqual(['fulfilled', 'fulfilled'])
    expect(b).toMatchObject({ status: 'rejected', reason: { code: 'decode/logits-not-finite', details: { token: 7 } } })
    expect(table.calls.open).toBe(0)
  })

  test('a sequence that spoils the step for all ends alone', async () => {
    const row = hashedRow(SIZE, 3)
    const table = tableModel(SIZE, 512, (tokens) => {
      if (tokens[0] === encode('b')[0] && tokens.length === 6) throw new Error('logits are not finite')
      return row(tokens)
    })
    const decoder = createDecoder(table, CODEC)
    const config = { strategy: 'greedy', maxTokens: 12 } as const
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((prompt) => decoder.complete({ prompt, config })))
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(outcomes[0]).toMatchObject({ value: await decodeText(model(), CODEC, 'a', config) })
    expect(table.calls.open).toBe(0)
  })

  test('an error of the model reaches every completion of the step, and later ones run', async () => {
    let broken = true
    const row = hashedRow(SIZE, 3)
    const table = tableModel(SIZE, 512, (tokens) => {
      if (broken && tokens.length === 5) throw new Error('the device is lost')
      return row(tokens)
    })
    const decoder = createDecoder(table, CODEC)
    const outcomes = await Promise.allSettled(['aa', 'bb'].map((prompt) => decoder.complete({ prompt })))
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.message)).toEqual([
      'the device is lost',
      'the device is lost',
    ])
    broken = false
    expect(await decoder.complete({ prompt: 'aa', config: { strategy: 'greedy', maxTokens: 6 } })).toMatchObject({
      finishReason: 'max-tokens',
    })
    expect(table.calls.open).toBe(0)
  })

  test('a model that can not even free a sequence keeps nobody waiting', async () => {
    const table = model()
    const broken = {
      ...table,
      createSequence: () => ({
        ...table.createSequence(),
        dispose: () => {
          throw new Error('the device is gone')
        },
      }),
    }
    const prefill = () => Promise.reject(new Error('the device is lost'))
    const decoder = createDecoder({ ...broken, prefill }, CODEC)
    const outcomes = await Promise.allSettled(['a', 'b'].map((prompt) => decoder.complete({ prompt })))
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected'])
  })

  const BAD: readonly Partial<DecodingConfig & { temperature: number; topP: number; topK: number; minP: number; seed: number }>[] = [
    { maxTokens: 0 },
    { maxTokens: 1.5 },
    { temperature: -1 },
    { temperature: Number.NaN },
    { topP: 0 },
    { topP: 1.1 },
    { topK: -1 },
    { minP: 2 },
    { seed: -1 },
    { seed: 2 ** 53 },
    { repetitionPenalty: 0 },
    { presencePenalty: Number.POSITIVE_INFINITY },
    { penaltyWindow: -1 },
    { stopStrings: [''] },
    { stopTokens: [-1] },
    { logitBias: new Map([[SIZE, 1]]) },
    { logitBias: new Map([[0, Number.NaN]]) },
    { lookup: { maxDraft: 0 } },
    { topLogprobs: 1e6 },
  ]
  test.each(BAD)('settings out of range: %o', async (bad) => {
    await expect(decodeText(model(), CODEC, 'a', { strategy: 'sample', ...bad } as DecodingConfig)).rejects.toThrow(
      code('decode/bad-config'),
    )
  })
})

describe('ending early', () => {
  const LONG = { strategy: 'greedy', maxTokens: 400 } as const
  /** A model that does something of ours once a sequence is ten tokens long. */
  const atTen = (act: () => void) => {
    const row = hashedRow(SIZE, 3)
    return tableModel(SIZE, 512, (tokens) => {
      if (tokens.length === 10) act()
      return row(tokens)
    })
  }

  test('an aborted completion is rejected with the reason and frees its sequence; others go on', async () => {
    const controller = new AbortController()
    const table = atTen(() => controller.abort(new Error('enough')))
    const decoder = createDecoder(table, CODEC)
    const stopped = decoder.complete({ prompt: 'a', config: LONG, signal: controller.signal })
    const other = decoder.complete({ prompt: 'b', config: { strategy: 'greedy', maxTokens: 20 } })
    await expect(stopped).rejects.toThrow('enough')
    expect((await other).tokens).toHaveLength(20)
    expect(table.calls.open).toBe(0)
    await expect(decoder.complete({ prompt: 'a', signal: controller.signal })).rejects.toThrow('enough')
  })

  test('leaving a stream ends the work', async () => {
    const table = model()
    let seen = 0
    for await (const part of streamText(table, CODEC, 'a', LONG)) {
      if (part.type === 'delta' && ++seen === 3) break
    }
    expect(table.calls.open).toBe(0)
    expect(table.calls.step).toBeLessThan(10)
  })

  test('a closed decoder ends what runs and refuses what comes', async () => {
    const table = atTen(() => decoder.close())
    const decoder = createDecoder(table, CODEC)
    const running = decoder.complete({ prompt: 'a', config: LONG })
    await expect(running).rejects.toMatchObject({ code: 'decode/closed' })
    await expect(decoder.complete({ prompt: 'a' })).rejects.toMatchObject({ code: 'decode/closed' })
    expect(table.calls.open).toBe(0)
  })

  test('a failing request of a batch ends the others', async () => {
    const table = model()
    await expect(decodeBatch(table, CODEC, ['a', '', 'b'], LONG)).rejects.toMatchObject({ code: 'decode/empty-prompt' })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(table.calls.open).toBe(0)
  })
})
