import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stopScanner } from './stop-strings.ts'

test('a stop string may come in pieces, and no piece of it is given out', () => {
  const scanner = stopScanner(['</end>'])
  expect(scanner.push('Hello <')).toEqual({ text: 'Hello ', stop: undefined })
  expect(scanner.push('/e')).toEqual({ text: '', stop: undefined })
  expect(scanner.push('nd> and more')).toEqual({ text: '', stop: '</end>' })
})

test('what only looked like one is given out as soon as it is clear', () => {
  const scanner = stopScanner(['STOP', '\n\n'])
  expect(scanner.push('a\n').text).toBe('a')
  expect(scanner.push('bSTO').text).toBe('\nb')
  expect(scanner.end()).toBe('STO')
})

test('the stop string that begins first wins, of two that begin together the longer', () => {
  expect(stopScanner(['b', 'abc']).push('xabc')).toEqual({ text: 'x', stop: 'abc' })
  expect(stopScanner(['ab', 'abc']).push('xabc')).toEqual({ text: 'x', stop: 'abc' })
})

const word = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 30 })
const stop = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 5 })

test('however a text is cut, what comes out is the text before the first stop string', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), stop, (pieces, end) => {
      const whole = pieces.join('')
      const at = whole.indexOf(end)
      const scanner = stopScanner([end])
      let out = ''
      let stopped = false
      for (const piece of pieces) {
        const result = scanner.push(piece)
        out += result.text
        expect((at >= 0 ? whole.slice(0, at) : whole).startsWith(out)).toBe(true)
        if (result.stop !== undefined) {
          stopped = true
          break
        }
      }
      if (!stopped) out += scanner.end()
      expect(stopped).toBe(at >= 0)
      expect(out).toBe(at >= 0 ? whole.slice(0, at) : whole)
    }),
  )
})
