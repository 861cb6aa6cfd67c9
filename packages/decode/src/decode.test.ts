import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkVocabulary } from './codec.ts'
import type { DecodingConfig } from './config.ts'
import { decodeBatch, decodeText, streamText } from './decode.ts'
import { createDecoder } from './decoder.ts'
import { CODEC, END, hashedRow, scriptedRow, tableModel } from './testing.test-support.ts'

const SIZE = CODEC.vocabularySize
const model = (context = 512) => tableModel(SIZE, context, hashedRow(SIZE, 3))
const encode = (text: string) => CODEC.encode(text, { addSpecialTokens: true })
/** A model that answers exactly these tokens to any prompt of this length. */
const scripted = (prompt: string, script: readonly number[]) => tableModel(SIZE, 512, scriptedRow(SIZE, encode(prompt).length, script))

describe('one completion', () => {
  test('greedy takes the likeliest token each time and stops after maxTokens', async () => {
    const table = model()
    const completed = await decodeText(table, CODEC, 'Once', { strategy: 'greedy', maxTokens: 5 })
    const row = hashedRow(SIZE, 3)
    const expected: number[] = []
    for (let i = 0; i < 5; i++) {
      const logits = row([...encode('Once'), ...expected])
      expected.push(logits.indexOf(Math.max(...logits)))
    }
    expect(completed.tokens).toEqual(expected)
    expect(completed.finishReason).toBe('max-tokens')
    expect(completed.usage).toEqual({ promptTokens: 4, reusedTokens: 0, completionTokens: 5, guessedTokens: 0, acceptedTokens: 0 })
    expect(table.calls).toMatchObject({ prefill: 1, step: 4, open: 0 })
  })

  test('a stop token ends it and is no part of the text', async () => {
    const completed = await decodeText(scripted('Q', [...encode('Hi the '), END]), CODEC, 'Q', { strategy: 'greedy', stopTokens: [END] })
    expect(completed).toMatchObject({ text: 'Hi the ', finishReason: 'stop-token', stopToken: END, tokens: encode('Hi the ') })
  })

  test('a stop string ends it before itself, across token borders, with nothing after', async () => {
    const script = encode('Hello </s>> more')
    expect(script).toContain(encode('</s')[0])
    const parts: string[] = []
    for await (const part of streamText(scripted('Q', script), CODEC, 'Q', { strategy: 'greedy', stopStrings: ['</s>', 'zzz'] })) {
      if (part.type === 'delta') parts.push(part.text)
      else expect(part.completed).toMatchObject({ text: 'Hello ', finishReason: 'stop-string', stopString: '</s>' })
    }
    expect(parts.join('')).toBe('Hello ')
  })

  test('text held back for a stop string comes when the completion ends without it', async () => {
    const completed = await decodeText(scripted('Q', [...encode('a</s'), END]), CODEC, 'Q', {
      strategy: 'greedy',
      stopTokens: [END],
      stopStrings: ['</s>'],
    })
    expect(completed).toMatchObject({ text: 'a</s', finishReason: 'stop-token', stopString: undefined })
  })

  test('half a character is never shown alone', async () => {
    const halves = [CODEC.vocabularySize - 6, CODEC.vocabularySize - 5]
    expect(halves.map((id) => [...CODEC.idToBytes(id)!])).toEqual([[0xc3], [0xa9]])
    const parts: string[] = []
    for await (const part of streamText(scripted('Q', [...halves, END]), CODEC, 'Q', { strategy: 'greedy', stopTokens: [END] })) {
      if (part.type === 'delta') parts.push(part.text)
    }
    expect(parts).toEqual(['', 'é', ''])
  })

  test('the parts of a stream, joined, are the text, with one delta for each token', async () => {
    const config: DecodingConfig = { strategy: 'sample', seed: 3, maxTokens: 60, stopStrings: ['ab', 'x y'] }
    let joined = ''
    let deltas = 0
    for await (const part of streamText(model(), CODEC, 'Once', config)) {
      if (part.type === 'delta') {
        joined += part.text
        deltas += 1
      } else {
        expect(part.completed.text).toBe(joined)
        expect(part.completed.usage.completionTokens).toBe(deltas)
      }
    }
    expect(deltas).toBeGreaterThan(0)
  })

  test('log probabilities come with every token', async () => {
    const { logprobs, tokens } = await decodeText(model(), CODEC, 'Once', { strategy: 'greedy', maxTokens: 4, topLogprobs: 2 })
    expect(logprobs?.map((entry) => entry.token)).toEqual(tokens)
    for (const { token, logprob, top } of logprobs ?? []) expect(top[0]).toEqual({ token, logprob })
    expect((await decodeText(model(), CODEC, 'Once', { strategy: 'greedy', maxTokens: 4 })).logprobs).toBeUndefined()
  })

  test('a prompt may be segments or ids', async () => {
    const config = { strategy: 'greedy', maxTokens: 6 } as const
    const text = await decodeText(model(), CODEC, 'the end', config)
    expect(await decodeText(model(), CODEC, encode('the end'), config)).toEqual(text)
    expect(await decodeText(model(), CODEC, [{ type: 'text', text: 'the end' }], config)).toEqual(text)
  })
})

describe('the same seed gives the same text', () => {
  const config: DecodingConfig = { strategy: 'top-p', seed: 11, maxTokens: 30, temperature: 1.3 }

  test('again and again, and another seed another', async () => {
    const first = await decodeText(model(), CODEC, 'Once', config)
    expect(await decodeText(model(), CODEC, 'Once', config)).toEqual(first)
    expect((await decodeText(model(), CODEC, 'Once', { ...config, seed: 12 })).text).not.toBe(first.text)
  })

  test('property: in any batch, of any width, with any prompt piece', async () => {
    const prompts = fc.array(fc.string({ unit: fc.constantFrom('a', 'the ', 'x', ' ', 'ing'), minLength: 1, maxLength: 12 }), {
      minLength: 1,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(
        prompts,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        async (texts, maxSequences, prefillChunk) => {
          const configs = texts.map(
            (_, i): DecodingConfig => ({
              ...config,
              seed: i,
              maxTokens: 3 + ((i * 7) % 11),
              stopStrings: ['ab'],
              ...(i % 2 ? { lookup: {} } : {}),
            }),
          )
          const table = model()
          const together = await decodeBatch(
            table,
            CODEC,
            texts.map((prompt, i) => ({ prompt, config: configs[i]! })),
            undefined,
            { maxSequences, prefillChunk },
          )
          const alone = await Promise.all(texts.map((prompt, i) => decodeText(model(), CODEC, prompt, configs[i])))
          expect(together).toEqual(alone)
          expect(table.calls.largestBatch).toBeLessThanOrEqual(maxSequences)
          expect(table.calls.open).toBe(0)
        },
      ),
      { numRuns: 40 },
    )
  })

  test('a batch steps together', async () => {
    const table = model()
    await decodeBatch(table, CODEC, ['a', 'b', 'c', 'd'], { strategy: 'greedy', maxTokens: 10 })
    expect(table.calls).toMatchObject({ prefill: 4, step: 10, largestBatch: 4 })
  })
})

describe('guessing by look-up', () => {
  /** Repeats itself: what was written before is likely again. */
  const repeating = () =>
    tableModel(SIZE, 2048, (tokens) => (hashedRow(12, 2)(tokens).length ? padded(hashedRow(12, 2)(tokens)) : new Float32Array(SIZE)))
  const padded = (row: Float32Array) => {
    const logits = new Float32Array(SIZE).fill(-20)
    logits.set(row)
    return logits
  }

  test('writes repetitive text in fewer calls to the model', async () => {
    const table = repeating()
    const plain = await decodeText(table, CODEC, '  !"', { strategy: 'greedy', maxTokens: 200 })
    const guessing = repeating()
    const guessed = await decodeText(guessing, CODEC, '  !"', { strategy: 'greedy', maxTokens: 200, lookup: {} })
    expect(guessed.tokens).toEqual(plain.tokens)
    expect(guessed.usage.acceptedTokens).toBeGreaterThan(100)
    expect(guessing.calls.prefill + guessing.calls.step).toBeLessThan((table.calls.prefill + table.calls.step) / 3)
  })

  test('property: changes nothing, greedy or drawn, whatever the settings', async () => {
    const prompt = fc.string({ unit: fc.constantFrom(' ', '!', '"', '#', '$'), minLength: 1, maxLength: 40 })
    const strategy = fc.constantFrom<DecodingConfig>(
      { strategy: 'greedy' },
      { strategy: 'sample', temperature: 0.4, seed: 5 },
      { strategy: 'top-p', topP: 0.5, seed: 9 },
    )
    const more = fc.record({
      maxTokens: fc.integer({ min: 1, max: 80 }),
      stopStrings: fc.constantFrom([], ['!!'], ['"#$']),
      stopTokens: fc.constantFrom([], [3]),
      frequencyPenalty: fc.constantFrom(0, 0.1),
    })
    const lookup = fc.record({ maxDraft: fc.integer({ min: 1, max: 12 }), minMatch: fc.integer({ min: 1, max: 4 }) })
    await fc.assert(
      fc.asyncProperty(
        prompt,
        strategy,
        more,
        lookup,
        fc.integer({ min: 60, max: 130 }),
        async (text, base, settings, guesses, context) => {
          const tight = () => {
            const { vocabularySize, contextLength: _unused, ...rest } = repeating()
            return { ...rest, vocabularySize, contextLength: context }
          }
          const config = { ...base, ...settings, maxTokens: Math.min(settings.maxTokens, context - text.length + 1) } as DecodingConfig
          const plain = await decodeText(tight(), CODEC, text, config)
          const { usage: _guesses, ...guessed } = await decodeText(tight(), CODEC, text, { ...config, lookup: guesses })
          const { usage: _plain, ...expected } = plain
          expect(guessed).toEqual(expected)
        },
      ),
      { numRuns: 150 },
    )
  })
})

describe('a sequence of the caller', () => {
  test('what it shares with the prompt is not read again, and it stays open', async () => {
    const table = model()
    const sequence = table.createSequence()
    const config = { strategy: 'greedy', maxTokens: 4 } as const
    const first = await decodeText(table, CODEC, 'Once upon', config, { sequence })
    const next = [...first.promptTokens, ...first.tokens, ...encode(' and')]
    const before = table.calls.tokens
    const second = await decodeText(table, CODEC, next, config, { sequence })
    expect(second.tokens).toEqual((await decodeText(model(), CODEC, next, config)).tokens)
    expect(second.usage.reusedTokens).toBe(first.promptTokens.length + 3)
    expect(table.calls.tokens - before).toBe(next.length - second.usage.reusedTokens + 3)
    expect(table.calls.open).toBe(1)
    sequence.dispose()
  })

  test('the same prompt again reads only its last token', async () => {
    const table = model()
    const sequence = table.createSequence()
    await decodeText(table, CODEC, 'Once upon', { strategy: 'greedy', maxTokens: 2 }, { sequence })
    const again = await decodeText(table, CODEC, 'Once upon', { strategy: 'greedy', maxTokens: 2 }, { sequence })
    expect(again.usage.reusedTokens).toBe(encode('Once upon').length - 1)
  })
})

describe('errors', () => {
  const code = (name: string) => expect.objectContaining({ code: `decode/${name}` })

  test('an empty prompt', async () => {
    await expect(decodeText(model(), CODEC, '')).rejects.toThrow(code('empty-prompt'))
    await expect(decodeText(model(), CODEC, [])).rejects.toThrow(code('empty-prompt'))
  })

  test('a prompt longer than the model holds; one that just fits gets one token', async () => {
    await expect(decodeText(model(8), CODEC, 'a'.repeat(9))).rejects.toThrow(code('prompt-too-long'))
    expect(await decodeText(model(8), CODEC, 'a'.repeat(8))).toMatchObject({ finishReason: 'context-full', usage: { completionTokens: 1 } })
  })

  test('more tokens asked for than fit is refused before any work; none asked for ends where the model is full', async () => {
    const table = model(10)
    await expect(decodeText(table, CODEC, 'aaaa', { strategy: 'greedy', maxTokens: 8 })).rejects.toThrow(code('context-overflow'))
    expect(table.calls.prefill).toBe(0)
    expect(await decodeText(table, CODEC, 'aaaa', { strategy: 'greedy', maxTokens: 7 })).toMatchObject({ finishReason: 'max-tokens' })
    expect(await decodeText(table, CODEC, 'aaaa')).toMatchObject({ finishReason: 'context-full', usage: { completionTokens: 7 } })
  })

  test('ids the model does not have, and a tokenizer of another model', async () => {
    await expect(decodeText(model(), CODEC, [1, SIZE])).rejects.toThrow(code('vocabulary-mismatch'))
    await expect(decodeText(model(), CODEC, [1, -1])).rejects.toThrow(code('vocabulary-mismatch'))
    await expect(decodeText(model(), CODEC, [1.5])).rejects.toThrow(code('vocabulary-mismatch'))
    const other = (rows: number) => () => checkVocabulary({ ...CODEC, vocabularySize: 32_000 }, tableModel(rows, 8, hashedRow(rows, 1)))
    expect(other(128_256)).toThrow(code('vocabulary-mismatch'))
    expect(other(31_000)).toThrow(code('vocabulary-mismatch'))
    expect(other(32_064)).not.toThrow()
    expect(other(31_999)).not.toThrow()
    expect(() => createDecoder(tableModel(50_000, 8, hashedRow(1, 1)), CODEC)).toThrow(code('vocabulary-mismatch'))
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
    await expect(decodeText(model(), CODEC, 'a', { strategy: 'sample', ...bad } as DecodingConfig)).rejects.toThrow(code('bad-config'))
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
