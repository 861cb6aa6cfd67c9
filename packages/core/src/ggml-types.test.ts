import { expect, test } from 'vitest'
import { GGML_TYPES, ggmlRowBytes, ggmlTypeById, isGgmlType } from './ggml-types.ts'

// Sizes as ggml reports them (ggml_type_size), to catch a sum that does not mirror its struct.
const sizes = {
  Q4_0: 18,
  Q4_1: 20,
  Q5_0: 22,
  Q5_1: 24,
  Q8_0: 34,
  Q8_1: 36,
  Q2_K: 84,
  Q3_K: 110,
  Q4_K: 144,
  Q5_K: 176,
  Q6_K: 210,
  Q8_K: 292,
  IQ2_XXS: 66,
  IQ2_XS: 74,
  IQ3_XXS: 98,
  IQ1_S: 50,
  IQ4_NL: 18,
  IQ3_S: 110,
  IQ2_S: 82,
  IQ4_XS: 136,
  IQ1_M: 56,
  TQ1_0: 54,
  TQ2_0: 66,
  MXFP4: 17,
  NVFP4: 36,
  Q1_0: 18,
  Q2_0: 18,
} as const

test.each(Object.entries(sizes))('%s has blocks of %i bytes', (name, bytes) => {
  expect(isGgmlType(name) && GGML_TYPES[name].blockBytes).toBe(bytes)
})

test('ids are unique and removed ids are unknown', () => {
  const ids = Object.values(GGML_TYPES).map((type) => type.id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const removed of [4, 5, 31, 32, 33, 36, 37, 38, 43]) expect(ggmlTypeById(removed)).toBeUndefined()
  expect(ggmlTypeById(12)).toBe('Q4_K')
})

test('a row must be whole blocks', () => {
  expect(ggmlRowBytes('Q4_0', 64)).toBe(36)
  expect(ggmlRowBytes('Q4_0', 33)).toBeUndefined()
})
