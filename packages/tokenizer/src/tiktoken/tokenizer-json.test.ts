import { expect, test } from 'vitest'
import { byteLevelFiles } from '../fixtures.test-support.ts'
import { tokenizerFromJson } from '../huggingface/tokenizer-json.ts'
import { openTokenizer } from '../open.ts'
import { PROBE_TEXTS } from '../pre-tokenizers/probe-texts.ts'
import { hasShared, sharedText, WITHOUT_SHARED } from '../shared.test-support.ts'
import { fromByteCharacters } from '../text/byte-alphabet.ts'
import { isTiktokenModel, jsonFromTiktoken } from './tokenizer-json.ts'

/** A tiktoken file with the tokens of a tokenizer.json, ids being ranks. */
function tiktokenFile(tokenizerJson: string): Uint8Array {
  const { model } = JSON.parse(tokenizerJson) as { model: { vocab: Record<string, number> } }
  const tokens = Object.entries(model.vocab).sort(([, a], [, b]) => a - b)
  const lines = tokens.map(([token, rank]) => `${Buffer.from(fromByteCharacters(token)!).toString('base64')} ${rank}`)
  return new TextEncoder().encode(`${lines.join('\n')}\n`)
}

test('a tokenizer.json comes back from the tiktoken file of its tokens', () => {
  const file = tiktokenFile(byteLevelFiles().tokenizerJson)
  expect(isTiktokenModel(file)).toBe(true)
  const [original, made] = [tokenizerFromJson(byteLevelFiles()), openTokenizer({ tokenizerModel: file })]
  for (const text of PROBE_TEXTS) {
    expect(made.encode(text, { addSpecialTokens: false })).toEqual(original.encode(text, { addSpecialTokens: false }))
  }
  expect(made.encode('a', { addSpecialTokens: true })[0]).toBe(made.tokenToId('<|begin_of_text|>'))
  expect(made.vocabularySize).toBe(1019 + 256)
})

test.skipIf(!hasShared('realdata/tokenizers/llama3_2'))(
  `Llama 3.2's published tokenizer.json is made again, all 280147 merges in order (${WITHOUT_SHARED})`,
  () => {
    const published = JSON.parse(sharedText('realdata/tokenizers/llama3_2/tokenizer.json')!) as Record<string, unknown>
    const made = JSON.parse(jsonFromTiktoken(tiktokenFile(JSON.stringify(published)))) as Record<string, unknown>
    for (const part of Object.keys(published)) expect(made[part], part).toEqual(published[part])
  },
)

test.each([
  ['a line without a rank', 'IQ==\n', 'tokenizer/malformed'],
  ['a rank twice', 'IQ== 0\nIg== 0\n', 'tokenizer/duplicate-id'],
  ['a token twice', 'IQ== 0\nIQ== 1\n', 'tokenizer/duplicate-token'],
  ['a gap', 'IQ== 0\nIg== 2\n', 'tokenizer/malformed'],
  ['a rank beyond any vocabulary', 'IQ== 99999999999\n', 'tokenizer/malformed'],
])('a file with %s is refused', (_what, text, code) => {
  expect(() => jsonFromTiktoken(new TextEncoder().encode(text))).toThrow(expect.objectContaining({ code }))
})
