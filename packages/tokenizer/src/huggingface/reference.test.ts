import { describe, expect, test } from 'vitest'
import { hasShared, sharedFiles, sharedText, WITHOUT_SHARED } from '../shared.test-support.ts'
import { tokenizerFromJson } from './tokenizer-json.ts'

type Encoded = { readonly text: string; readonly ids: number[]; readonly decoded: string; readonly with_special: number[] }

// Ids of huggingface/tokenizers 0.23.2 for 171 texts under six real vocabularies.
describe.skipIf(!hasShared('realdata/tokenizers'))(`real tokenizers (${WITHOUT_SHARED})`, () => {
  test.each(['llama3_2', 'gemma2', 'gemma3', 'qwen2_5', 'qwen3', 'gpt2'])('%s encodes and decodes every reference text', (name) => {
    const folder = `realdata/tokenizers/${name}`
    const tokenizer = tokenizerFromJson(sharedFiles(folder) as { tokenizerJson: string })
    const { encode } = JSON.parse(sharedText(`${folder}/reference.json`)!) as { encode: Encoded[] }
    expect(encode).toHaveLength(171)
    for (const { text, ids, decoded, with_special } of encode) {
      expect(tokenizer.encode(text, { addSpecialTokens: false, parseSpecial: true }), text).toEqual(ids)
      expect(tokenizer.encode(text, { addSpecialTokens: true, parseSpecial: true }), text).toEqual(with_special)
      expect(tokenizer.decode(ids)).toBe(decoded)
    }
  })
})

type Prompt = {
  readonly text: string
  readonly ids: number[]
  readonly ids_plain: number[]
  readonly decoded: string
  readonly greedy: number[]
  readonly greedy_text: string
}

const models = [
  'bert',
  'gemma-2',
  'gemma-3',
  'gpt-neox',
  'gpt2',
  'llama-2',
  'llama-3.2',
  'mistral',
  'mpt',
  'phi-2',
  'phi-3',
  'qwen2.5',
  'qwen3',
]

describe.skipIf(!hasShared('fixtures/models'))(`model fixtures (${WITHOUT_SHARED})`, () => {
  test.each(models)('%s encodes the prompts and decodes what a model says', (name) => {
    const folder = `fixtures/models/${name}`
    const tokenizer = tokenizerFromJson(sharedFiles(folder) as { tokenizerJson: string })
    const { prompts } = JSON.parse(sharedText(`${folder}/reference.json`)!) as { prompts: Prompt[] }
    expect(prompts.length).toBeGreaterThan(0)
    for (const { text, ids, ids_plain, decoded, greedy, greedy_text } of prompts) {
      expect(tokenizer.encode(text, { addSpecialTokens: true })).toEqual(ids)
      expect(tokenizer.encode(text, { addSpecialTokens: false })).toEqual(ids_plain)
      expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(decoded)
      if (greedy !== undefined) expect(tokenizer.decode(greedy)).toBe(greedy_text)
    }
  })
})
