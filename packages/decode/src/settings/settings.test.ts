import type { Segment } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { tableCodec } from '../testing.test-support.ts'
import { settingsFromGenerationConfig, settingsFromMetadata } from './model-settings.ts'
import { stopTokens } from './stop-tokens.ts'

describe('generation_config.json', () => {
  test('a sampling configuration, as Qwen3 has it', () => {
    const qwen3 = {
      do_sample: true,
      temperature: 0.6,
      top_k: 20,
      top_p: 0.95,
      eos_token_id: [151645, 151643],
      transformers_version: '4.51.0',
    }
    expect(settingsFromGenerationConfig(qwen3)).toEqual({
      config: { strategy: 'top-p', topP: 0.95, topK: 20, temperature: 0.6 },
      ignored: [],
    })
  })

  test('without do_sample it is greedy, whatever else it says', () => {
    expect(settingsFromGenerationConfig({ temperature: 0.6, top_p: 0.9, repetition_penalty: 1.05, max_new_tokens: 2048 })).toEqual({
      config: { strategy: 'greedy', repetitionPenalty: 1.05, maxTokens: 2048 },
      ignored: [],
    })
  })

  test('sampling without top_k is from the 50 likeliest, as in transformers', () => {
    expect(settingsFromGenerationConfig({ do_sample: true }).config).toEqual({ strategy: 'sample', topK: 50 })
  })

  test('what can not be kept is named', () => {
    const { config, ignored } = settingsFromGenerationConfig({
      do_sample: true,
      top_k: 0,
      top_p: 2,
      temperature: 'hot',
      num_beams: 4,
      no_repeat_ngram_size: 0,
      typical_p: null,
    })
    expect(config).toEqual({ strategy: 'sample', topK: 0 })
    expect(ignored.toSorted()).toEqual(['num_beams', 'temperature', 'top_p'])
  })
})

test('sampling keys of a GGUF', () => {
  const metadata = new Map([
    ['general.name', { type: 'STRING', value: 'x' }],
    ['general.sampling.temp', { type: 'FLOAT32', value: 0.7 }],
    ['general.sampling.top_k', { type: 'INT32', value: 20 }],
    ['general.sampling.top_p', { type: 'FLOAT32', value: 0.8 }],
    ['general.sampling.penalty_last_n', { type: 'INT32', value: -1 }],
    ['general.sampling.mirostat', { type: 'INT32', value: 2 }],
  ] as const)
  expect(settingsFromMetadata(metadata)).toEqual({
    config: { strategy: 'top-p', topP: 0.8, topK: 20, temperature: 0.7 },
    ignored: ['mirostat'],
  })
  expect(settingsFromMetadata(new Map())).toEqual({ config: { strategy: 'greedy' }, ignored: [] })
})

describe('stop tokens', () => {
  /** A vocabulary with these control tokens after one letter. */
  const codecWith = (...names: string[]) => {
    const codec = tableCodec(['a', ...names.map(() => null)])
    const tokenToId = (token: string) => (token === 'a' ? 0 : names.includes(token) ? names.indexOf(token) + 1 : undefined)
    const encodeSegments = (segments: readonly Segment[]) =>
      segments.flatMap(({ text }) => names.flatMap((name) => (text.startsWith(name) ? [tokenToId(name)!] : [])))
    return { ...codec, tokenToId, encodeSegments }
  }

  test('from configurations, the tokenizer, well-known names and the template together', () => {
    const codec = codecWith('<eos>', '<end_of_turn>', '<weird_end>', '<pad>', '<|eot|>')
    expect(stopTokens(codec, {})).toEqual([1, 2])
    expect(stopTokens(codec, { configs: [{ eos_token_id: [1, 4] }, undefined, { eos_token_id: 2 }] })).toEqual([1, 2, 4])
    expect(stopTokens(codec, { special: { eot: 5 } })).toEqual([1, 2, 5])
    expect(stopTokens(codec, { answerEnd: '<weird_end>\n' })).toEqual([1, 2, 3])
  })

  test('what is no token, or only a word, is none', () => {
    expect(
      stopTokens(codecWith(), { configs: [{ eos_token_id: 99 }, { eos_token_id: 'x' }, { eos_token_id: null }], answerEnd: '\n' }),
    ).toEqual([])
    const words = { ...codecWith('</s>'), isSpecial: () => false }
    expect(stopTokens(words, {})).toEqual([])
  })

  test('gpt-oss: the end of a message is not the end of an answer', () => {
    expect(stopTokens(codecWith('<|end|>', '<|return|>', '<|call|>'), {})).toEqual([2, 3])
    expect(stopTokens(codecWith('<|end|>'), {})).toEqual([1])
  })
})
