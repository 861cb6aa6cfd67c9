import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeLogitsSet, readLogitsSet } from './logits-set.ts'

describe('the files of a prompt’s logits', () => {
  it('are llama.cpp’s four', () => {
    const files = encodeLogitsSet('data/x.bin', 'Hello', { tokens: [1, 15043], logits: Float32Array.of(0.5, -2) })
    const text = (name: string) => new TextDecoder().decode(files.get(name))
    expect([...files.keys()]).toEqual(['data/x.bin', 'data/x.txt', 'data/x-prompt.txt', 'data/x-tokens.bin'])
    expect(text('data/x.txt')).toBe('0: 0.500000\n1: -2.000000\n')
    expect(text('data/x-prompt.txt')).toBe('prompt: Hello\nn_tokens: 2\ntoken ids: 1, 15043\n')
    expect([...files.get('data/x-tokens.bin')!]).toEqual([1, 0, 0, 0, 0xc3, 0x3a, 0, 0])
  })

  it('come back as they were', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1 }),
        fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1 }),
        (tokens, logits) => {
          const files = encodeLogitsSet('x.bin', '', { tokens, logits })
          expect(readLogitsSet('x.bin', files.get('x.bin')!, files.get('x-tokens.bin')!)).toEqual({ tokens, logits })
        },
      ),
    )
  })

  it.each([
    ['half a number', Uint8Array.of(1, 2, 3, 4, 5, 6), new Uint8Array(4)],
    ['no tokens', new Uint8Array(4), new Uint8Array(0)],
    ['infinity', Uint8Array.of(0, 0, 0x80, 0x7f), new Uint8Array(4)],
  ])('%s is refused', (_, bin, tokens) => {
    expect(() => readLogitsSet('x.bin', bin, tokens)).toThrow(expect.objectContaining({ code: 'eval/logits-set' }))
  })
})
