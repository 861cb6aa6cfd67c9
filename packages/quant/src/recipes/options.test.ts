// The small words around recipes: tensor types by name, patterns, presets, pruned layers.
import { FsError } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { chooseTensorTypes, parseTensorType, parseTensorTypeFile, parseTensorTypeOption, pruneLayers, QAT_Q4_0 } from './index.ts'

function code(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return FsError.is(error) ? error.code : String(error)
  }
  return 'no error'
}

describe('tensor types by name', () => {
  test('in any case', () => {
    expect(parseTensorType('q6_k')).toBe('Q6_K')
    expect(parseTensorType('bf16')).toBe('BF16')
  })

  test.each(['', 'q9_z', 'Q4_K_M', 'I32', 'Q8_K', '__proto__'])('%j is none', (text) => {
    expect(code(() => parseTensorType(text))).toBe('recipe/tensor-type')
  })

  test('with a pattern', () => {
    const { pattern, type } = parseTensorTypeOption(String.raw`BLK\.(1|4)\.ffn_down=q5_K`)
    expect(type).toBe('Q5_K')
    expect(pattern.test('blk.4.ffn_down.weight')).toBe(true)
    expect(parseTensorTypeFile(' attn_v=q8_0\n\tffn_up=q4_k ').map((option) => option.type)).toEqual(['Q8_0', 'Q4_K'])
  })

  test.each(['attn_v', '=q8_0', 'attn_v=', '(=q8_0', 'attn_v=q8_0=q4_0'])('%j is no option', (text) => {
    expect(code(() => parseTensorTypeOption(text))).toBe('recipe/tensor-type')
  })
})

test('the QAT preset keeps embeddings and output at eight bits', () => {
  const tensors = ['output.weight', 'token_embd.weight', 'blk.0.ffn_up.weight'].map((name) => ({
    name,
    shape: [8, 256],
    type: 'F32' as const,
  }))
  const model = { architecture: 'gemma3', layers: 1, headCount: 4, headCountKv: 1, expertCount: 0, tensors }
  const types = chooseTensorTypes(model, QAT_Q4_0.fileType, QAT_Q4_0.options).map(({ type }) => type)
  expect(types).toEqual(['Q8_0', 'Q8_0', 'Q4_0'])
})

describe('pruning', () => {
  const names = ['token_embd.weight', ...[0, 1, 2, 10].map((layer) => `blk.${layer}.ffn_up.weight`)]

  test('closes the gaps', () => {
    const pruned = pruneLayers(names, [1, 10])
    expect(pruned.layers).toBe(2)
    expect([...pruned.names]).toEqual([
      ['token_embd.weight', 'token_embd.weight'],
      ['blk.0.ffn_up.weight', 'blk.0.ffn_up.weight'],
      ['blk.2.ffn_up.weight', 'blk.1.ffn_up.weight'],
    ])
  })

  test('refuses layers that are not there, and leaving none', () => {
    expect(code(() => pruneLayers(names, [3]))).toBe('recipe/layer')
    expect(code(() => pruneLayers(names, [0, 1, 2, 10]))).toBe('recipe/layer')
  })
})
