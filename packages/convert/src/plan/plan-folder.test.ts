import { describe, expect, test } from 'vitest'
import { parsePrecision } from './plan-folder.ts'

describe('precisions', () => {
  test.each([
    ['f32', 'F32'],
    ['BFloat16', 'BF16'],
    ['F16', 'F16'],
    ['native', 'native'],
  ] as const)('%s is %s', (name, precision) => {
    expect(parsePrecision(name)).toBe(precision)
  })

  test.each(['q4_0', 'half', 'constructor', ''])('%j is refused with those there are', (name) => {
    expect(() => parsePrecision(name)).toThrow(
      expect.objectContaining({ code: 'convert/unknown-type', message: expect.stringContaining('f32, f16 or bf16') }),
    )
  })
})
