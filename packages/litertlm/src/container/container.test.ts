import { memorySource } from '@fs/formats/bytes'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from './container.ts'
import { layoutContainer, type SectionInput } from './layout.ts'
import { readContainer } from './read.ts'
import { SECTION_TYPES, type SectionType } from './section-types.ts'

const AUTHORS = new Map([['Authors', 'Fartsovka']])
const SECTIONS: readonly SectionInput[] = [
  { type: 'llm-metadata', size: 10 },
  { type: 'tflite-model', size: 20_000, items: new Map([['model_type', 'tf_lite_prefill_decode']]) },
  { type: 'generic-binary', size: 1 },
]

/** A file with zeros for sections. */
function bundle(sections = SECTIONS, system = AUTHORS): Uint8Array<ArrayBuffer> {
  const { header, size } = layoutContainer(system, sections)
  const bytes = new Uint8Array(size)
  bytes.set(header)
  return bytes
}

const read = (bytes: Uint8Array) => readContainer(memorySource(bytes, 'a.litertlm'))
const refused = (bytes: Uint8Array, code: string, words: string) =>
  expect(read(bytes)).rejects.toMatchObject({ code, message: expect.stringContaining(words) })

/** The bundle with a 64-bit number at the place where another one is. */
function replaced(from: number, to: bigint): Uint8Array {
  const bytes = bundle()
  const view = new DataView(bytes.buffer)
  for (let at = 32; at < 1024; at += 4) {
    if (view.getBigUint64(at, true) !== BigInt(from)) continue
    view.setBigUint64(at, to, true)
    return bytes
  }
  throw new Error(`${from} is not in the header`)
}

describe('a container', () => {
  test('starts with its magic, version and where the header ends; sections start on 16 KiB', async () => {
    const bytes = bundle()
    expect(new TextDecoder().decode(bytes.subarray(0, 8))).toBe('LITERTLM')
    expect([...bytes.subarray(8, 24)]).toEqual([1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    const { version, system, sections } = await read(bytes)
    expect(version).toEqual({ major: 1, minor: 5, patch: 0 })
    expect(system).toEqual(AUTHORS)
    expect(sections.map(({ offset, size }) => [offset, size])).toEqual([
      [BLOCK_BYTES, 10],
      [2 * BLOCK_BYTES, 20_000],
      [4 * BLOCK_BYTES, 1],
    ])
    expect(sections[1]).toMatchObject({ type: 'tflite-model', items: new Map([['model_type', 'tf_lite_prefill_decode']]) })
  })

  test('is read as it was laid out', async () => {
    const items = fc.array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.string({ unit: 'grapheme', maxLength: 20 })), {
      maxLength: 3,
    })
    const section = fc.record({
      type: fc.constantFrom(...(Object.keys(SECTION_TYPES) as SectionType[])),
      size: fc.nat(40_000),
      items: items.map((pairs) => new Map(pairs)),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(section, { maxLength: 4 }),
        items.map((pairs) => new Map(pairs)),
        async (sections, system) => {
          const layout = layoutContainer(system, sections)
          const container = await read(bundle(sections, system))
          expect(container.system).toEqual(system)
          expect(container.sections).toEqual(sections.map((given, index) => ({ ...given, ...layout.sections[index]! })))
        },
      ),
      { numRuns: 100 },
    )
  })

  test('refuses what cannot be written', () => {
    expect(() => layoutContainer(new Map([['key', 'x'.repeat(17_000)]]), [])).toThrow(
      expect.objectContaining({ code: 'litertlm/unwritable', message: expect.stringContaining('16384') }),
    )
    for (const size of [-1, 0.5, 2 ** 53])
      expect(() => layoutContainer(AUTHORS, [{ type: 'llm-metadata', size }])).toThrow(
        expect.objectContaining({ code: 'litertlm/unwritable' }),
      )
  })
})

describe('a damaged container is refused with the reason', () => {
  test('another file', () => refused(new TextEncoder().encode('GGUF and more'), 'litertlm/not-litertlm', 'LITERTLM'))
  test('nothing', () => refused(new Uint8Array(), 'litertlm/not-litertlm', 'LITERTLM'))
  test('cut in its preamble', () => refused(bundle().subarray(0, 20), 'litertlm/truncated', 'preamble'))
  test('cut in its header', () => refused(bundle().subarray(0, 200), 'litertlm/truncated', 'header'))
  test('cut in a section', () => refused(bundle().subarray(0, 2 * BLOCK_BYTES + 19_999), 'litertlm/truncated', 'section 1'))
  test('another major version', () => {
    const bytes = bundle()
    bytes[8] = 2
    return refused(bytes, 'litertlm/version', '2.5')
  })
  test('a header that ends nowhere', async () => {
    for (const end of [0n, 32n, 16_385n, 2n ** 64n - 1n]) {
      const bytes = bundle()
      new DataView(bytes.buffer).setBigUint64(24, end, true)
      await refused(bytes, 'litertlm/header-size', String(end))
    }
  })
  test('a header whose offsets lie', () => {
    const bytes = bundle()
    new DataView(bytes.buffer).setUint32(32, 60_000, true)
    return refused(bytes, 'litertlm/header', 'outside')
  })
  test('a section inside another', () => refused(replaced(4 * BLOCK_BYTES, BigInt(2 * BLOCK_BYTES)), 'litertlm/overlap', 'share bytes'))
  test('a section inside the header', () => refused(replaced(BLOCK_BYTES, 0n), 'litertlm/overlap', 'inside the header'))
  test('a section off its boundary', () =>
    refused(replaced(4 * BLOCK_BYTES, BigInt(4 * BLOCK_BYTES + 64) - 63n), 'litertlm/misaligned', 'multiple'))
  test('a section that ends before it begins', () => refused(replaced(BLOCK_BYTES + 10, 5n), 'litertlm/section-range', 'before'))
  test('a section of 2^63 bytes', () => refused(replaced(BLOCK_BYTES + 10, 2n ** 63n), 'litertlm/truncated', 'section 0'))
  test('a section of unknown type', () => {
    const bytes = bundle([{ type: 'executor-metadata', size: 1 }])
    // The only 8 in the header that stands for the type is the one whose change is noticed as such.
    const places = [...bytes.subarray(0, 400).keys()].filter((at) => at >= 32 && bytes[at] === SECTION_TYPES['executor-metadata'])
    return Promise.any(
      places.map((at) => {
        const changed = bytes.slice()
        changed[at] = 77
        return refused(changed, 'litertlm/section-type', '77')
      }),
    )
  })
  test('a key that comes twice', () => {
    const bytes = bundle(
      [],
      new Map([
        ['AAAA', 'x'],
        ['BBBB', 'y'],
      ]),
    )
    const text = Buffer.from(bytes.buffer)
    text.write('AAAA', text.indexOf('BBBB'))
    return refused(bytes, 'litertlm/duplicate-key', 'AAAA')
  })

  test('every reason is told to those who want all', async () => {
    const problems: string[] = []
    const { sections } = await readContainer(memorySource(bundle().subarray(0, 2 * BLOCK_BYTES), 'x'), (problem) =>
      problems.push(problem.message),
    )
    expect(problems).toHaveLength(2)
    expect(sections).toHaveLength(1)
  })

  test('spoiled at random it is read or refused, never anything else', async () => {
    const whole = bundle()
    const header = layoutContainer(AUTHORS, SECTIONS).header.length
    const edges = [0, 1, 0x7f, 0x80, 0xff]
    const change = fc.tuple(fc.nat(header - 1), fc.oneof(fc.nat(255), fc.constantFrom(...edges)))
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), fc.option(fc.nat(whole.length)), async (changes, length) => {
        const bytes = whole.slice(0, length ?? whole.length)
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        try {
          const { sections } = await read(bytes)
          for (const { offset, size } of sections) expect(offset + size).toBeLessThanOrEqual(bytes.length)
          accepted++
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^litertlm\//) })
        }
      }),
      { numRuns: 3000 },
    )
    expect(accepted).toBeGreaterThan(20)
  })
})
