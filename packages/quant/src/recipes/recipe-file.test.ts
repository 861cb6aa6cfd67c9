// Recipe files: what they mean, what is none, and that the published schema says the same.
import { readFileSync } from 'node:fs'
import { FsError } from '@fs/core'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { chooseTensorTypes, parseRecipe, recipeJson } from './index.ts'

const schema = JSON.parse(readFileSync(new URL('../../../../docs/schema/recipe.schema.json', import.meta.url), 'utf8'))
const isValid = new Ajv2020({ formats: { regex: true } }).compile(schema)

function code(text: string): string {
  try {
    parseRecipe(text, 'recipe.json')
  } catch (error) {
    return FsError.is(error) ? error.code : String(error)
  }
  return 'no error'
}

test('a recipe in full', () => {
  const text = JSON.stringify({
    $schema: './recipe.schema.json',
    default: 'q4_k',
    tensors: [{ pattern: String.raw`blk\.0\.`, type: 'q8_0' }],
    tokenEmbeddingType: 'Q6_K',
    leaveOutputTensor: true,
    pure: false,
  })
  expect(isValid(JSON.parse(text))).toBe(true)
  expect(parseRecipe(text, 'recipe.json')).toEqual({
    fileType: 'Q4_K_M',
    options: { tensorTypes: [{ pattern: /blk\.0\./, type: 'Q8_0' }], tokenEmbeddingType: 'Q6_K', leaveOutputTensor: true },
  })
})

test.each([
  ['not JSON', '{'],
  ['a list', '[]'],
  ['null', 'null'],
  ['no default', '{}'],
  ['a default that is no string', '{"default":4}'],
  ['a word nobody knows', '{"default":"Q4_0","tensor":[]}'],
  ['tensors that are no list', '{"default":"Q4_0","tensors":{"attn_v":"Q8_0"}}'],
  ['an entry without a type', '{"default":"Q4_0","tensors":[{"pattern":"attn_v"}]}'],
  ['an entry with more', '{"default":"Q4_0","tensors":[{"pattern":"attn_v","type":"Q8_0","layer":1}]}'],
  ['an empty pattern', '{"default":"Q4_0","tensors":[{"pattern":"","type":"Q8_0"}]}'],
  ['a flag that is none', '{"default":"Q4_0","pure":"yes"}'],
  ['a type that is none', '{"default":"Q4_0","outputTensorType":{}}'],
])('%s is refused, by the schema too', (_, text) => {
  expect(code(text)).toBe('recipe/file')
  if (text !== '{') expect(isValid(JSON.parse(text))).toBe(false)
})

test.each([
  ['{"default":"Q4_Z"}', 'recipe/file-type'],
  ['{"default":"Q4_0","outputTensorType":"Q4_K_M"}', 'recipe/tensor-type'],
  ['{"default":"Q4_0","tensors":[{"pattern":"(","type":"Q8_0"}]}', 'recipe/tensor-type'],
])('%s names what does not exist', (text, expected) => {
  expect(code(text)).toBe(expected)
})

describe('a recipe made from chosen types', () => {
  const names = ['token_embd.weight', 'blk.1.ffn_up.weight', 'blk.11.ffn_up.weight']
  const types = new Map(names.map((name, index) => [name, (['Q6_K', 'Q8_0', 'Q2_K'] as const)[index]!]))
  const recipe = recipeJson('Q4_K_M', types)

  test('fits the schema', () => {
    expect(isValid(recipe)).toBe(true)
  })

  test('gives each tensor its own type again', () => {
    const { fileType, options } = parseRecipe(JSON.stringify(recipe), 'recipe.json')
    const tensors = names.map((name) => ({ name, shape: [256, 256], type: 'F16' as const }))
    const model = { architecture: 'llama', layers: 12, headCount: 4, headCountKv: 4, expertCount: 0, tensors }
    expect(chooseTensorTypes(model, fileType, options).map(({ type }) => type)).toEqual(['Q6_K', 'Q8_0', 'Q2_K'])
  })
})
