import type { ByteSource, Folder } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { readTokenizerFiles } from './files.ts'
import { byteLevelFiles, fixture, fixtureText } from './fixtures.test-support.ts'
import { openTokenizer } from './index.ts'
import { PROBE_TEXTS } from './pre-tokenizers/probe-texts.ts'

/** A folder in memory. `sizes` overrides what it claims of a file. */
function folderOf(contents: Record<string, Uint8Array>, sizes: Record<string, number> = {}): Folder {
  return {
    name: 'model',
    files: new Map(Object.entries(contents).map(([name, bytes]) => [name, { size: sizes[name] ?? bytes.length }])),
    open: async (name) => {
      const bytes = contents[name]!
      const source: ByteSource = {
        name,
        location: { kind: 'memory' },
        size: bytes.length,
        read: async (offset, length) => bytes.subarray(offset, offset + length),
        close: async () => {},
      }
      return source
    },
  }
}

const plain = { addSpecialTokens: false }
const utf8 = (text: string) => new TextEncoder().encode(text)

describe('a folder', () => {
  test('with tokenizer.json and its companions opens', async () => {
    const folder = folderOf({
      'tokenizer.json': fixture('byte-level/tokenizer.json'),
      'tokenizer_config.json': fixture('byte-level/tokenizer_config.json'),
      'model.safetensors': new Uint8Array(8),
    })
    const files = await readTokenizerFiles(folder, { eos_token_id: 1023 })
    expect(Object.keys(files).sort()).toEqual(['config', 'tokenizerConfig', 'tokenizerJson'])
    expect(openTokenizer(files).special).toMatchObject({ bos: 1019, eos: 1023 })
  })

  test('with tokenizer.model alone opens', async () => {
    const files = await readTokenizerFiles(folderOf({ 'tokenizer.model': fixture('spaced/tokenizer.model') }))
    expect(openTokenizer(files).encode('Hello', { addSpecialTokens: true })[0]).toBe(1)
  })

  test('with none of the files is refused', async () => {
    const files = await readTokenizerFiles(folderOf({ 'config.json': utf8('{}') }))
    expect(() => openTokenizer(files)).toThrow(expect.objectContaining({ code: 'tokenizer/no-files' }))
  })

  test('whose file claims gigabytes is refused before a byte is read', async () => {
    const folder = folderOf({ 'tokenizer.json': utf8('{}') }, { 'tokenizer.json': 3e9 })
    await expect(readTokenizerFiles(folder)).rejects.toMatchObject({ code: 'tokenizer/too-large' })
  })

  test('whose text is not UTF-8 is refused', async () => {
    await expect(readTokenizerFiles(folderOf({ 'merges.txt': Uint8Array.of(0xff) }))).rejects.toMatchObject({ code: 'tokenizer/malformed' })
  })
})

describe('older forms', () => {
  test('vocab.json and merges.txt encode as the tokenizer.json of the same vocabulary', () => {
    const json = JSON.parse(byteLevelFiles().tokenizerJson) as { model: { vocab: Record<string, number>; merges: [string, string][] } }
    const vocabularyJson = JSON.stringify({ ...json.model.vocab, '<|endoftext|>': 1019 })
    const mergesText = `#version: 0.2\n${json.model.merges.map((pair) => pair.join(' ')).join('\n')}\n`
    const tokenizer = openTokenizer({ vocabularyJson, mergesText })
    const gpt2 = { type: 'ByteLevel', add_prefix_space: false, use_regex: true }
    const original = openTokenizer({
      tokenizerJson: JSON.stringify({ ...json, added_tokens: [], pre_tokenizer: gpt2, post_processor: null }),
    })
    for (const text of PROBE_TEXTS) expect(tokenizer.encode(text, plain)).toEqual(original.encode(text, plain))
    expect(tokenizer.isSpecial(1019)).toBe(true)
    expect(() => openTokenizer({ vocabularyJson, mergesText: 'a b c\n' })).toThrow(expect.objectContaining({ code: 'tokenizer/bad-merge' }))
  })

  test('vocab.txt encodes as the tokenizer.json of the same vocabulary', () => {
    const tokenizerJson = fixtureText('word-piece/tokenizer.json')
    const { model } = JSON.parse(tokenizerJson) as { model: { vocab: Record<string, number> } }
    const lines = Object.entries(model.vocab).sort(([, a], [, b]) => a - b)
    const tokenizer = openTokenizer({ vocabularyText: `${lines.map(([token]) => token).join('\n')}\n` })
    const original = openTokenizer({ tokenizerJson })
    const framed = { addSpecialTokens: true }
    for (const text of PROBE_TEXTS) expect(tokenizer.encode(text, framed)).toEqual(original.encode(text, framed))
    expect(() => openTokenizer({ vocabularyText: 'a\nb\n' })).toThrow(expect.objectContaining({ code: 'tokenizer/malformed' }))
  })
})
