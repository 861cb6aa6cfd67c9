import { describe, expect, it } from 'vitest'
import { textWindows, windowInput, windowTargets } from './windows.ts'

const tokens = Array.from({ length: 21 }, (_, index) => 100 + index)

describe('windows over a text', () => {
  it('touch; the second half of each is scored against the tokens that follow', () => {
    const windows = textWindows(tokens, { contextLength: 8, beginningToken: 1 })
    expect(windows.count).toBe(2)
    expect(windowInput(windows, 1)).toEqual([1, 109, 110, 111, 112, 113, 114, 115])
    expect([...windowTargets(windows, 1)]).toEqual([113, 114, 115])
  })

  it('score 255 tokens in a context of 512', () => {
    expect(windowTargets(textWindows(new Int32Array(1024), { contextLength: 512 }), 0)).toHaveLength(255)
  })

  it('overlap with a stride, and score each token once', () => {
    const windows = textWindows(tokens, { contextLength: 8, stride: 3, beginningToken: 1 })
    const scored = Array.from({ length: windows.count }, (_, index) => [...windowTargets(windows, index)]).flat()
    expect(scored).toEqual(tokens.slice(5, 5 + 3 * windows.count))
    expect(windowInput(windows, 0)[0]).toBe(100)
  })

  it('are at most as many as asked for', () => {
    expect(textWindows(tokens, { contextLength: 8, chunks: 1 }).count).toBe(1)
  })

  it.each([
    ['less than two windows of text', tokens.slice(0, 15), { contextLength: 8 }, 'eval/too-few-tokens'],
    ['a context that scores nothing', tokens, { contextLength: 2 }, 'eval/context-length'],
    ['a stride as long as the context', tokens, { contextLength: 8, stride: 8 }, 'eval/context-length'],
  ])('%s is refused', (_, text, options, code) => {
    expect(() => textWindows(text, options)).toThrow(expect.objectContaining({ code }))
  })
})
