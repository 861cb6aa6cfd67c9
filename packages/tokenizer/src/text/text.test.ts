import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BYTE_CHARACTERS, fromByteCharacters, toByteCharacters } from './byte-alphabet.ts'
import { bertNormalized, lowercased } from './normalize.ts'
import { unsafeReason } from './safe-regex.ts'
import { SPLIT_BEHAVIORS, split } from './split.ts'
import { completePrefix, lossyText } from './utf8.ts'

describe('the byte alphabet', () => {
  test('has 256 characters, GPT-2’s', () => {
    expect(new Set(BYTE_CHARACTERS).size).toBe(256)
    expect([0x20, 0x0a, 0x00, 0x7f, 0xad, 0x41].map((byte) => BYTE_CHARACTERS[byte])).toEqual(['Ġ', 'Ċ', 'Ā', 'ġ', 'Ń', 'A'])
  })

  test('spells any text, and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => lossyText(fromByteCharacters(toByteCharacters(text))!) === text.toWellFormed()),
    )
    expect(fromByteCharacters('a b')).toBeUndefined()
  })
})

test('a byte run is cut only inside a character that could still be completed', () => {
  const encoded = new TextEncoder().encode('aß€😀')
  const whole = [1, 1, 3, 3, 3, 6, 6, 6, 6, 10]
  expect(whole.map((_, index) => completePrefix(encoded.subarray(0, index + 1)))).toEqual(whole)
  for (const bytes of [[0x80], [0xff], [0xc0], [0xf5, 0x80]]) expect(completePrefix(Uint8Array.from(bytes))).toBe(bytes.length)
})

describe('split', () => {
  const cut = (behavior: (typeof SPLIT_BEHAVIORS)[number], invert = false) => split('the-final--countdown', /-/gu, behavior, invert)

  // The example of huggingface/tokenizers' documentation of each behaviour.
  test('treats a match in five ways', () => {
    expect(cut('Removed')).toEqual(['the', 'final', 'countdown'])
    expect(cut('Isolated')).toEqual(['the', '-', 'final', '-', '-', 'countdown'])
    expect(cut('MergedWithPrevious')).toEqual(['the-', 'final-', '-', 'countdown'])
    expect(cut('MergedWithNext')).toEqual(['the', '-final', '-', '-countdown'])
    expect(cut('Contiguous')).toEqual(['the', '-', 'final', '--', 'countdown'])
    expect(cut('Removed', true)).toEqual(['-', '-', '-'])
  })

  test('loses nothing but what is removed, also with patterns that match nothing', () => {
    const patterns = [/-/gu, /[a-c]+/gu, /(?=b)/gu, /.?/gsu]
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(...patterns),
        fc.constantFrom(...SPLIT_BEHAVIORS),
        fc.boolean(),
        (text, pattern, behavior, invert) => {
          if (behavior !== 'Removed') expect(split(text, pattern, behavior, invert).join('')).toBe(text)
          expect(split(text, pattern, behavior, invert)).not.toContain('')
        },
      ),
    )
  })
})

test('lower case is each character’s own: a final sigma stays σ, as in Rust', () => {
  expect(lowercased('ΣΊΣΥΦΟΣ İ')).toBe('σίσυφοσ i̇')
})

test('BERT’s normalization cleans, parts Chinese characters, strips accents and lowers', () => {
  const options = { cleanText: true, handleChineseCharacters: true, stripAccents: true, lowercase: true }
  expect(bertNormalized('Ä\u0000b\u00a0c\u200d 你𠀀', options)).toBe('ab c  你  𠀀 ')
})

describe('expressions', () => {
  test.each([
    String.raw`[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
    String.raw`[^\r\n\p{L}\p{N}]?(?:(?=\p{L})[^a-z])*(?:(?=\p{L})[^A-Z])+(?:'[sS]|'[tT])?`,
    String.raw`(?=(\d{3})+(?!\d))`,
    String.raw`\d{1,3}(?=(?:\d{3})*\b)`,
    String.raw`[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+`,
    '(A|B|C){1,4}',
  ])('of real tokenizers are safe: %s', (source) => {
    expect(unsafeReason(source)).toBeUndefined()
  })
  test.each([
    ['a loop in a loop', '(a*)*'],
    ['a loop of loops', '(?:a+b?)+'],
    ['a loop of alternatives', '(a|b)*'],
    ['a loop of counts', '(?:(?:a{1,2}){1,2})+'],
    ['a loop of optional parts', '((a?){3})+'],
    ['a known part beside another', String.raw`(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|(a+)+$`],
    ['loops in a row', 'a*a*a*a*a*b'],
    ['counted loops', '(a*){5}b'],
    ['optional parts in a row', `${'a?'.repeat(40)}b`],
    ['alternatives in a row', `${'(a|a)'.repeat(40)}b`],
    ['counted alternatives', '(a|a){16}(a|a){16}b'],
    ['large counts', '(?:a{0,1000}){0,1000}b'],
    ['a back-reference', String.raw`(a)\1`],
    ['a cubic pattern', String.raw`\s*\s*\s*x`],
  ])('with %s are refused in no time', (_what, source) => {
    const start = performance.now()
    expect(unsafeReason(source)).toBeDefined()
    expect(performance.now() - start).toBeLessThan(5000)
  })
})
