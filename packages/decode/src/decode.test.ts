import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DecodingConfig } from './config.ts'
import { decodeBatch, decodeText, streamText } from './decode.ts'
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
