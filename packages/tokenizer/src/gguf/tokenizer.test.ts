import { describe, expect, test } from 'vitest'
import { hasShared, sharedBytes, sharedText, WITHOUT_SHARED } from '../shared.test-support.ts'
import { readMetadata } from './metadata.test-support.ts'
import { tokenizerFromGguf } from './tokenizer.ts'

const folder = 'realdata/llamacpp-vocab-gguf'
const names = [
  'bert-bge',
  'deepseek-coder',
  'deepseek-llm',
  'falcon',
  'gemma-4',
  'gpt-2',
  'llama-bpe',
  'llama-spm',
  'mpt',
  'phi-3',
  'qwen2',
  'qwen35',
  'refact',
  'starcoder',
]

// Ids llama.cpp gives (add_special and parse_special off), one line for each text.
describe.skipIf(!hasShared(folder))(`vocabularies of llama.cpp's tests (${WITHOUT_SHARED})`, () => {
  test.each(names)('%s', (name) => {
    const file = `ggml-vocab-${name}.gguf`
    const tokenizer = tokenizerFromGguf(readMetadata(sharedBytes(`${folder}/${file}`)!), file)
    const texts = sharedText(`${folder}/${file}.inp`)!.split('\n__ggml_vocab_test__\n').slice(0, -1)
    const lines = sharedText(`${folder}/${file}.out`)!.split('\n').slice(0, texts.length)
    expect(texts.length).toBeGreaterThan(40)
    texts.forEach((text, index) => {
      const ids = lines[index]!.trim().split(/\s+/).filter(Boolean).map(Number)
      expect(tokenizer.encode(text, { addSpecialTokens: false }), JSON.stringify(text)).toEqual(ids)
    })
  })
})
