import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seedFrom } from './seed.ts'

test('draws start at the same place unless somebody asks for another', () => {
  expect(seedFrom(undefined)).toBe(seedFrom(''))
  expect(seedFrom('-7')).toBe(-7)
  expect(Number.isInteger(seedFrom('random'))).toBe(true)
})

test.each(['seven', '1.5', '4294967296', 'NaN', ' random'])('"%s" is refused', (text) => {
  expect(() => seedFrom(text)).toThrow(`FARTSOVKA_SEED is "${text}"`)
})

test('the tests have it', () => {
  const drawn = () => {
    const values: number[] = []
    fc.assert(fc.property(fc.integer(), (value) => void values.push(value)))
    return values
  }
  expect(fc.readConfigureGlobal()).toHaveProperty('seed')
  expect(drawn()).toEqual(drawn())
})
