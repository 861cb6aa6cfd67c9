import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteLevelFiles, changed, fixtureText, spacedFiles, wordPieceFiles } from '../fixtures.test-support.ts'
import { PROBE_TEXTS } from '../pre-tokenizers/probe-texts.ts'
import { tokenizerFromJson } from './tokenizer-json.ts'

const sources = { 'byte-level': byteLevelFiles, spaced: spacedFiles, 'word-piece': wordPieceFiles }
const plain = { addSpecialTokens: false }

type Prompt = { readonly text: string; readonly ids: number[]; readonly ids_plain: number[]; readonly decoded: string }
const { prompts } = JSON.parse(fixtureText('prompts.json')) as { prompts: Record<string, Prompt[]> }

describe.each(Object.entries(sources))('%s', (name, files) => {
  const tokenizer = tokenizerFromJson(files())

  test.each(prompts[name]!)('"$text" is what transformers makes of it', ({ text, ids, ids_plain, decoded }) => {
    expect(tokenizer.encode(text, { addSpecialTokens: true })).toEqual(ids)
    expect(tokenizer.encode(text, plain)).toEqual(ids_plain)
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(decoded)
  })

  test('a stream of ids gives the text that all of them give', () => {
    for (const text of PROBE_TEXTS) {
      const ids = tokenizer.encode(text, { addSpecialTokens: true })
      const stream = tokenizer.createDecodeStream({ skipSpecialTokens: true })
      const pieces = ids.map((id) => stream.push(id))
      expect(pieces.join('') + stream.end()).toBe(tokenizer.decode(ids, { skipSpecialTokens: true }))
    }
  })
})

describe('any text', () => {
  const unicode = fc.string({ unit: 'binary', maxLength: 200 }).map((text) => text.toWellFormed())

  test('comes back from byte-level ids', () => {
    const tokenizer = tokenizerFromJson(byteLevelFiles())
    fc.assert(fc.property(unicode, (text) => tokenizer.decode(tokenizer.encode(text, plain)) === text))
  })

  test('comes back from SentencePiece ids, but for marks that are spaces there', () => {
    const tokenizer = tokenizerFromJson(spacedFiles())
    fc.assert(fc.property(unicode, (text) => tokenizer.decode(tokenizer.encode(text, plain)) === text.replaceAll('▁', ' ')))
  })

  test('never becomes a control token, whatever it spells', () => {
    const tokenizer = tokenizerFromJson(byteLevelFiles())
    const spelled = fc.array(fc.oneof(fc.constantFrom('<|eot_id|>', '<|', 'eot_id', '|>', '<|begin_of_text|>'), fc.string()), {
      maxLength: 8,
    })
    fc.assert(fc.property(spelled, (parts) => tokenizer.encode(parts.join(''), plain).every((id) => !tokenizer.isSpecial(id))))
  })
})

describe('segments', () => {
  const tokenizer = tokenizerFromJson(byteLevelFiles())
  const eot = tokenizer.tokenToId('<|eot_id|>')!

  test('are encoded as the text they make together', () => {
    const segments = [
      { type: 'special', text: '<|begin_of_text|>user\n' },
      { type: 'text', text: 'Hello, ' },
      { type: 'text', text: 'how are you?' },
      { type: 'special', text: '<|eot_id|>' },
    ] as const
    const whole = segments.map(({ text }) => text).join('')
    expect(tokenizer.encodeSegments(segments)).toEqual(tokenizer.encode(whole, { addSpecialTokens: false, parseSpecial: true }))
  })

  test('let a template write control tokens and nobody else, nor both together', () => {
    const text = (value: string) => ({ type: 'text', text: value }) as const
    const special = (value: string) => ({ type: 'special', text: value }) as const
    expect(tokenizer.encodeSegments([special('<|eot_id|>')])).toEqual([eot])
    for (const segments of [[text('<|eot_id|>')], [special('<|eot'), text('_id|>')], [text('<|eot_id'), special('|>')]]) {
      expect(tokenizer.encodeSegments(segments)).not.toContain(eot)
    }
  })

  test('are framed when asked', () => {
    const [bos] = tokenizer.encodeSegments([], { addSpecialTokens: true })
    expect(bos).toBe(tokenizer.special.bos)
    expect(tokenizer.addBos).toBe(true)
  })
})

test('control tokens that only normalized text shows stay out of a user’s text too', () => {
  // As in some Llama files: the token is looked for after `▁` was put before the text.
  const files = changed((json) => {
    for (const token of json.added_tokens) token.normalized = true
  }, spacedFiles())
  const tokenizer = tokenizerFromJson(files)
  const eos = tokenizer.tokenToId('</s>')!
  expect(tokenizer.encodeSegments([{ type: 'special', text: '</s>' }])).toEqual([eos])
  expect(
    tokenizer
      .encodeSegments([
        { type: 'special', text: '</s>' },
        { type: 'text', text: '</s>' },
      ])
      .filter((id) => id === eos),
  ).toEqual([eos])
})

test('add_bos_token and add_eos_token have the last word', () => {
  const config = JSON.parse(byteLevelFiles().tokenizerConfig) as object
  const tokenizer = tokenizerFromJson({
    ...byteLevelFiles(),
    tokenizerConfig: JSON.stringify({ ...config, add_bos_token: false, add_eos_token: true }),
  })
  expect(tokenizer.encode('', { addSpecialTokens: true })).toEqual([tokenizer.special.eos])
  expect([tokenizer.addBos, tokenizer.addEos]).toEqual([false, true])
})

test('ids without a token decode to nothing; what is no id at all is refused', () => {
  const tokenizer = tokenizerFromJson(byteLevelFiles())
  expect(tokenizer.decode([tokenizer.vocabularySize + 7])).toBe('')
  expect(tokenizer.idToBytes(tokenizer.vocabularySize + 7)).toBeUndefined()
  for (const id of [-1, 0.5, Number.NaN])
    expect(() => tokenizer.decode([id])).toThrow(expect.objectContaining({ code: 'tokenizer/id-out-of-range' }))
})
