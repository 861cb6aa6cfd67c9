import { describe, expect, test } from 'vitest'
import { normalizeEndpoint, normalizeToken } from './access.ts'
import { placeOf, tidy } from './failures.ts'

describe('settings', () => {
  test('an endpoint loses its last slash and keeps its path', () => {
    expect(normalizeEndpoint('https://hub.example/')).toBe('https://hub.example')
    expect(normalizeEndpoint('http://mirror.example:8080/hf//')).toBe('http://mirror.example:8080/hf')
  })

  test.each(['', 'huggingface.co', 'ftp://hub.example', 'https://me:secret@hub.example', 'https://hub.example/?a=secret'])(
    'endpoint %j is refused',
    (text) => {
      const error = catching(() => normalizeEndpoint(text))
      expect(error).toMatchObject({ code: 'hub/bad-endpoint' })
      expect((error as Error).message).not.toContain('secret')
    },
  )

  test('a token may have white space around it and nowhere else', () => {
    expect(normalizeToken(' hf_x\n')).toBe('hf_x')
    for (const text of ['', 'hf_a hf_b', 'hf_\u0430', 'hf_a\u0000'])
      expect(catching(() => normalizeToken(text))).toMatchObject({ code: 'hub/bad-token' })
  })

  test('places and foreign words are fit to print', () => {
    expect(placeOf('https://storage.example/a/b?X-Signature=secret#x')).toBe('storage.example/a/b')
    expect(placeOf('nonsense')).toBe('an unreadable address')
    expect(tidy('one\r\ntwo\u202e three')).toBe('one two three')
  })
})

function catching(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}
