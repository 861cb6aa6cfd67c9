// Stored rows: sizes of any type, big-endian numbers turned round, and the refusal where nobody agrees what big-endian means.
import { FsError } from '@fs/core'
import { expect, test } from 'vitest'
import { BLOCK_TYPES, type BlockTypeName } from './block-types.ts'
import { storedBytes, swapToLittleEndian } from './stored-rows.ts'

test('knows the size of rows of any type', () => {
  expect(storedBytes('Q4_K', 512)).toBe(288)
  expect(storedBytes('F8_E4M3', 7)).toBe(7)
  expect(() => storedBytes('Q4_K', 100)).toThrow(expect.objectContaining({ code: 'quant/row-length' }))
})

test('turns each half of a block round, and nothing else', () => {
  const block = Uint8Array.from({ length: 144 }, (_, index) => index)
  swapToLittleEndian('Q4_K', block)
  expect([...block.subarray(0, 6)]).toEqual([1, 0, 3, 2, 4, 5])
  const wide = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])
  swapToLittleEndian('I64', wide)
  expect([...wide]).toEqual([8, 7, 6, 5, 4, 3, 2, 1])
})

test('every type is turned round or refused', () => {
  const outcomes = (Object.keys(BLOCK_TYPES) as BlockTypeName[]).map((name) => {
    try {
      swapToLittleEndian(name, new Uint8Array(BLOCK_TYPES[name].blockBytes))
      return [name, 'turned']
    } catch (error) {
      return [name, FsError.is(error) ? error.code : 'failed']
    }
  })
  const refused = outcomes.filter(([, outcome]) => outcome === 'quant/byte-order').map(([name]) => name)
  expect(refused).toEqual(['Q5_0', 'Q5_1', 'Q8_K', 'IQ2_XXS', 'IQ2_XS', 'IQ3_XXS', 'IQ1_S', 'IQ4_XS', 'IQ1_M'])
  expect(outcomes.filter(([, outcome]) => outcome === 'failed')).toEqual([])
})
