import { describe, expect, test } from 'vitest'
import { errorFactory, FsError } from './errors.ts'

const fail = errorFactory({ 'test/broken': 'The example is broken.' })

describe('FsError', () => {
  test('carries a stable code, a sentence and the facts behind it', () => {
    const error = fail('test/broken', 'model.gguf: tensor "a" is 4 bytes short; download it again', { tensor: 'a', missing: 4 })
    expect(error).toBeInstanceOf(Error)
    expect(error.code).toBe('test/broken')
    expect(error.details).toEqual({ tensor: 'a', missing: 4 })
  })

  test('is recognised across copies of the package by its marker, and nothing else is', () => {
    const fromAnotherCopy = Object.assign(new Error('x'), { [Symbol.for('fartsovka.error')]: true })
    expect(FsError.is(fromAnotherCopy)).toBe(true)
    expect(FsError.is(new Error('x'))).toBe(false)
    expect(FsError.is('x')).toBe(false)
  })
})
