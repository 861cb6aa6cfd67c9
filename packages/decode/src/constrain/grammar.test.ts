import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseGbnf } from './gbnf.ts'
import { grammarMatcher } from './matcher.ts'
import { patternMatch, patternSearch } from './pattern.ts'

const gbnf = (source: string) => grammarMatcher(parseGbnf(source))

describe('grammars in llama.cpp notation', () => {
  const CALCULATION = `
    # a list of sums, one on a line
    root  ::= (sum "\\n")+
    sum   ::= term ([-+*/] term)*
    term  ::= "(" sum ")" | number   # right recursion is fine
    number ::= [0-9]{1,3} ("." [0-9]+)?
  `

  test.each([
    ['1+2\n', 'complete'],
    ['(1.5*(2-3))\n12\n', 'complete'],
    ['(1', 'open'],
    ['', 'open'],
    ['1234', 'no'],
    ['1+\n', 'no'],
  ])('%j is %s', (text, match) => {
    expect(gbnf(CALCULATION)(text)).toBe(match)
  })

  test('classes, escapes, dots, characters beyond ASCII', () => {
    const match = gbnf('root ::= [^a-c\\]] "\\x41\\u00e9\\U0001F600\\"" . [あ-ん]?')
    expect(match('zAé😀"€ひ')).toBe('complete')
    expect(match('aAé😀"€')).toBe('no')
    expect(match(']')).toBe('no')
  })

  test('line ends are free inside groups, after | and after ::=', () => {
    expect(gbnf('root ::=\n  "a" |\n  ("b"\n   "c")\nother ::= "x"')('bc')).toBe('complete')
  })

  test('counts', () => {
    const match = gbnf('root ::= "a"{2} "b"{1,} "c"{,2} ("d" "e"){0,2}')
    expect(match('aab')).toBe('complete')
    expect(match('aabbbccdede')).toBe('complete')
    expect(match('aabccc')).toBe('no')
    expect(match('ab')).toBe('no')
  })

  test('deep nesting is followed by a stack, long repetition without growing one', () => {
    const nested = gbnf('root ::= "[" root* "]"')
    expect(nested('['.repeat(5000) + ']'.repeat(5000))).toBe('complete')
    const tail = gbnf('root ::= "a" root | "b"')
    expect(tail(`${'a'.repeat(50_000)}b`)).toBe('complete')
  })

  test.each([
    ['root ::= missing', /missing/],
    ['other ::= "a"', /root/],
    ['root ::= "a', /ends inside/],
    ['root ::= ("a"', /expected \)/],
    ['root ::= "a" }', /expected/],
    ['root ::= [z-a]', /backwards/],
    ['root ::= "\\q"', /escape/],
    ['root ::= "a"{3,1}', /at most/],
    ['root ::= "a"{9999}', /repetitions/],
    ['root ::= "a"\nroot ::= "b"', /twice/],
    ['root ::= <think>', /tokens/],
    ['root ::= root "a" | "b"', /left recursion/],
    ['root ::= a\na ::= b? a "x"\nb ::= "y"', /left recursion/],
    ['root ::= ("a"?)* "b" a\na ::= c\nc ::= a', /left recursion/],
    [`root ::= ${'('.repeat(5000)}`, /nested/],
  ])('%s is refused', (source, reason) => {
    const build = () => grammarMatcher(parseGbnf(source))
    expect(build).toThrow(expect.objectContaining({ code: 'decode/bad-grammar', message: expect.stringMatching(reason) }))
  })

  test('grammars that explode are refused, not followed', () => {
    const wide = () => gbnf('root ::= a{2000}\na ::= b{2000}\nb ::= "abcdefgh"{2000} c\nc ::= ("x" | "xy" | "xyz"){2000}')('abc')
    expect(wide()).toBe('open')
    const large = () =>
      gbnf(
        Array.from({ length: 40 }, (_, i) => `r${i} ::= ${`"${'a'.repeat(6000)}" `}`).join('\n') +
          `\nroot ::= ${Array.from({ length: 40 }, (_, i) => `r${i}`).join(' ')}`,
      )
    expect(large).toThrow(expect.objectContaining({ code: 'decode/grammar-too-complex' }))
    const ambiguous = () => gbnf(`root ::= ${'("a" | "a" "a")* '.repeat(3000)}`)('a'.repeat(50))
    expect(ambiguous).toThrow(expect.objectContaining({ code: 'decode/grammar-too-complex' }))
  })
})

describe('patterns', () => {
  const full = (source: string) => grammarMatcher(new Map([['root', patternMatch(source)]]))
  const search = (source: string) => grammarMatcher(new Map([['root', patternSearch(source)]]))

  test('match from end to end, or anywhere', () => {
    expect(full('[ab]+c?')('abac')).toBe('complete')
    expect(full('[ab]+c?')('xabac')).toBe('no')
    expect(full('^a$|b')('a')).toBe('complete')
    expect(search('b+')('abba')).toBe('complete')
    expect(search('^b|a$')('xa')).toBe('complete')
    expect(search('^b|a$')('ax')).toBe('open')
    expect(search('^b$')('bx')).toBe('no')
  })

  test.each([
    '(?=a)b',
    '(?<!a)b',
    '\\bword',
    '(a)\\1',
    '(?<n>a)\\k<n>',
    'a**',
    '*a',
    '(a',
    'a)',
    '[z-a]',
    'a^b',
    'x$y',
    '[a',
    '\\',
    '\\q',
    'a{3,1}',
    '\\p{L}',
    '(?i:a)',
  ])('%s is refused', (source) => {
    expect(() => full(source)).toThrow(expect.objectContaining({ code: 'decode/bad-grammar' }))
  })

  /** Random patterns of what is read, and texts near them. */
  const atom = fc.constantFrom('a', 'b', '\\.', '[ab]', '[^a]', '.', '\\d', '\\w', '\\s', 'é', '[0-9x-z]', '\\u0061')
  const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
    part: fc.oneof(
      { depthSize: 'small' },
      atom,
      fc.tuple(atom, fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '{1,}', '*?')).map(([a, q]) => a + q),
      fc.tuple(tie('pattern'), fc.constantFrom('', '*', '?', '+')).map(([inside, q]) => `(?:${inside})${q}`),
    ),
    pattern: fc.oneof(
      { depthSize: 'small' },
      fc.array(tie('part'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
      fc.tuple(tie('part'), tie('part')).map(([a, b]) => `${a}|${b}`),
    ),
  }))
  const subject = fc.string({ unit: fc.constantFrom('a', 'b', '.', '1', 'x', 'é', ' ', '\n'), maxLength: 6 })

  test('property: as RegExp does', () => {
    fc.assert(
      fc.property(pattern, fc.array(subject, { minLength: 5, maxLength: 5 }), (source, texts) => {
        const [whole, anywhere] = [full(source), search(source)]
        for (const text of texts) {
          expect(whole(text) === 'complete', `${source} on ${JSON.stringify(text)}`).toBe(new RegExp(`^(?:${source})$`, 'u').test(text))
          expect(anywhere(text) === 'complete', `${source} in ${JSON.stringify(text)}`).toBe(new RegExp(source, 'u').test(text))
        }
      }),
      { numRuns: 300 },
    )
  })
})
