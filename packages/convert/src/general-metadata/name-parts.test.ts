import { expect, test } from 'vitest'
import { namePartsOf, titleOf } from './name-parts.ts'
import { countParameters, sizeLabelOf } from './size-label.ts'

// Expected values were printed by gguf-py 0.19 (Metadata.get_model_id_components).
test.each([
  ['meta-llama/Llama-3.2-1B-Instruct', 1235814400, ['meta-llama', 'Llama-3.2', 'Instruct', undefined, '1B']],
  ['Qwen/Qwen2.5-0.5B-Instruct', 494032768, ['Qwen', 'Qwen2.5', 'Instruct', undefined, '0.5B']],
  ['microsoft/Phi-3-mini-128k-instruct', 3821079552, ['microsoft', 'Phi-3', '128k-instruct', undefined, 'mini']],
  ['bigscience/bloom-7b1', 7069016064, ['bigscience', 'bloom', undefined, undefined, '7.1B']],
  ['stories260k-hf', 260032, [undefined, undefined, undefined, undefined, undefined]],
  ['llama-3.2', 1.4e6, [undefined, 'llama', undefined, '3.2', undefined]],
  ['mistral', 7e9, [undefined, undefined, undefined, undefined, undefined]],
] as const)('%s', (id, parameters, [organization, basename, finetune, version, sizeLabel]) => {
  expect(namePartsOf(id, parameters)).toEqual({ name: id.split('/').at(-1), organization, basename, finetune, version, sizeLabel })
})

test('a name with spaces is a sentence, not an id', () => {
  expect(namePartsOf('My Model 7B', 7e9)).toMatchObject({ name: 'My Model 7B', basename: undefined })
})

test('titles capitalise words and leave versions and acronyms', () => {
  expect(titleOf('gpt-neox')).toBe('Gpt Neox')
  expect(titleOf('Qwen2.5-0.5B-instruct')).toBe('Qwen2.5 0.5B Instruct')
  expect(titleOf('llama-v2-7b')).toBe('Llama v2 7b')
})

test('sizes are rounded to two digits; a mixture is experts times one expert', () => {
  expect(sizeLabelOf(countParameters([{ name: 'token_embd.weight', shape: [1024, 1400] }]))).toBe('1.4M')
  expect(sizeLabelOf({ total: 7241732096, shared: 7241732096, expert: 0, experts: 0 })).toBe('7.2B')
  expect(sizeLabelOf({ total: 46.7e9, shared: 1.6e9, expert: 5.6e9, experts: 8 })).toBe('8x7.2B')
  expect(sizeLabelOf({ total: 999, shared: 999, expert: 0, experts: 0 })).toBe('1.0K')
})
