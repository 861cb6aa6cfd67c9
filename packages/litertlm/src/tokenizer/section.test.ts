import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packTokenizerJson, unpackTokenizerJson } from './section.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('a tokenizer section', () => {
  test('is the length of tokenizer.json and a zlib stream', async () => {
    const section = await packTokenizerJson(bytes('{"model":{}}'))
    expect([...section.subarray(0, 9)]).toEqual([12, 0, 0, 0, 0, 0, 0, 0, 0x78])
    expect(new TextDecoder().decode(await unpackTokenizerJson(section, 'x'))).toBe('{"model":{}}')
  })

  test('gives back what was put in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (json) => {
        expect(await unpackTokenizerJson(await packTokenizerJson(json), 'x')).toEqual(json)
      }),
      { numRuns: 50 },
    )
  })

  test('is refused when its length lies, without inflating more than it says', async () => {
    const section = await packTokenizerJson(new Uint8Array(30_000_000))
    const refusal = (length: bigint) => {
      const copy = section.slice()
      new DataView(copy.buffer).setBigUint64(0, length, true)
      return expect(unpackTokenizerJson(copy, 'a.litertlm')).rejects.toMatchObject({
        code: 'litertlm/tokenizer',
        message: expect.stringContaining(String(length)),
      })
    }
    const before = process.memoryUsage().arrayBuffers
    for (const length of [0n, 1n, 2n ** 40n]) await refusal(length)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
    await refusal(30_000_001n)
  })

  test.each([
    ['nothing', new Uint8Array(3)],
    ['no stream', new Uint8Array(20)],
    ['half a stream', 'half'],
  ] as const)('is refused when it is %s', async (_what, given) => {
    const whole = await packTokenizerJson(bytes('a'.repeat(100)))
    const section = given === 'half' ? whole.subarray(0, whole.length - 5) : given
    await expect(unpackTokenizerJson(section, 'x')).rejects.toMatchObject({ code: 'litertlm/tokenizer' })
  })
})
