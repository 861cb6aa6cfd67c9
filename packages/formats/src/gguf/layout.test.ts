// What is laid out reads back the same, for any metadata and any tensors, and equals byte for byte what llama.cpp's tools wrote.
import { readdirSync, readFileSync } from 'node:fs'
import type { GGML_TYPES, GgmlType, MetadataValue } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memorySource } from '../bytes/memory.ts'
import { metadataArbitrary, tensorsArbitrary } from '../test-support/arbitrary.test-support.ts'
import { noShared, shared } from '../test-support/shared.test-support.ts'
import { layoutGguf } from './layout.ts'
import { readGguf } from './read-gguf.ts'

/** The file with zeros for data. */
function materialize(layout: { header: Uint8Array; size: number }): Uint8Array {
  const bytes = new Uint8Array(layout.size)
  bytes.set(layout.header)
  return bytes
}

test('metadata and tensors survive the round trip', async () => {
  await fc.assert(
    fc.asyncProperty(metadataArbitrary, tensorsArbitrary, fc.constantFrom(2 as const, 3 as const), async (metadata, tensors, version) => {
      const layout = layoutGguf({ metadata, tensors, version })
      const file = await readGguf(memorySource(materialize(layout), 'made.gguf'))
      expect(file.version).toBe(version)
      expect([...file.metadata]).toEqual([...metadata])
      const read = [...file.tensors.tensors.values()]
      expect(read.map(({ name, type, shape }) => ({ name, type, shape })).sort(byName)).toEqual([...tensors].sort(byName))
      expect(read.map(({ name, offset, byteLength }) => ({ name, offset, byteLength })).sort(byName)).toEqual(
        layout.tensors.map(({ name, offset, byteLength }) => ({ name, offset, byteLength })).sort(byName),
      )
    }),
  )
})

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)

test('another alignment is kept in the metadata and obeyed', async () => {
  const metadata = new Map<string, MetadataValue>([['general.alignment', { type: 'UINT32', value: 64 }]])
  const layout = layoutGguf({ metadata, tensors: [tensor('a', [3]), tensor('b', [5])] })
  expect(layout.tensors.map(({ offset, paddedLength }) => [offset % 64, paddedLength])).toEqual([
    [0, 64],
    [0, 64],
  ])
  const file = await readGguf(memorySource(materialize(layout), 'aligned.gguf'))
  expect(file.alignment).toBe(64)
})

test('raw bytes in a token survive, as in vocabularies with single bytes', async () => {
  const token = 'a\udcff\u{1f600}\udc80'
  const layout = layoutGguf({ metadata: new Map([['token', { type: 'STRING', value: token }]]), tensors: [] })
  const at = layout.header.indexOf(0xff)
  expect([...layout.header.subarray(at - 1, at + 6)]).toEqual([0x61, 0xff, 0xf0, 0x9f, 0x98, 0x80, 0x80])
  const file = await readGguf(memorySource(materialize(layout), 'raw.gguf'))
  expect(file.metadata.get('token')?.value).toBe(token)
})

describe('refuses to write', () => {
  const none: ReadonlyMap<string, MetadataValue> = new Map()
  const one = (value: MetadataValue) => ({ metadata: new Map([['k', value]]), tensors: [] })
  const rows: [what: string, code: string, input: Parameters<typeof layoutGguf>[0]][] = [
    ['a number its type cannot hold', 'gguf/unwritable', one({ type: 'UINT32', value: -1 })],
    ['a fraction as an integer', 'gguf/unwritable', one({ type: 'INT8', value: 0.5 })],
    ['a 64-bit number out of range', 'gguf/unwritable', one({ type: 'INT64', value: 2n ** 63n })],
    ['an array element out of range', 'gguf/unwritable', one({ type: 'ARRAY', of: 'UINT8', value: [1, 256] })],
    ['an empty key', 'gguf/unwritable', { metadata: new Map([['', { type: 'BOOL', value: true }]]), tensors: [] }],
    ['a tensor name llama.cpp cannot load', 'gguf/unwritable', { metadata: none, tensors: [tensor('n'.repeat(64), [1])] }],
    ['five dimensions', 'gguf/unwritable', { metadata: none, tensors: [tensor('a', [1, 1, 1, 1, 1])] }],
    ['a tensor twice', 'gguf/duplicate-tensor', { metadata: none, tensors: [tensor('a', [1]), tensor('a', [1])] }],
    ['half a block', 'gguf/partial-block', { metadata: none, tensors: [tensor('a', [4, 48], 'Q8_0')] }],
    ['a tensor without an exact size', 'gguf/tensor-size', { metadata: none, tensors: [tensor('a', [2 ** 40, 2 ** 40])] }],
    ['an alignment the metadata does not say', 'gguf/alignment', { metadata: none, tensors: [], alignment: 64 }],
    [
      'an alignment that is no power of two',
      'gguf/alignment',
      { metadata: new Map([['general.alignment', { type: 'UINT32', value: 48 }]]), tensors: [] },
    ],
  ]
  test.each(rows)('%s: %s', (_what, code, input) => {
    expect(() => layoutGguf(input)).toThrow(expect.objectContaining({ code }))
  })
})

function tensor(name: string, shape: number[], type: GgmlType = 'F32') {
  return { name, type, shape }
}

describe.skipIf(noShared)('files llama.cpp wrote (needs ../shared)', () => {
  const folder = noShared ? [] : readdirSync(shared('realdata/llamacpp-vocab-gguf')).filter((name) => name.endsWith('.gguf'))
  test.each(folder)('the vocabulary %s is laid out again to the same bytes', async (name) => {
    const bytes = readFileSync(shared(`realdata/llamacpp-vocab-gguf/${name}`))
    const { metadata } = await readGguf(memorySource(bytes, name))
    const layout = layoutGguf({ metadata, tensors: [] })
    // Vocabularies come from gguf-py, which pads nothing when there are no tensors.
    expect(Buffer.compare(layout.header.subarray(0, layout.unpaddedHeaderLength), bytes)).toBe(0)
  })

  test('stories260K.gguf is laid out again to the same header, offsets and size', async () => {
    const bytes = readFileSync(shared('realdata/stories260k-gguf/stories260K.gguf'))
    const { metadata, tensors, dataOffset } = await readGguf(memorySource(bytes, 'stories260K.gguf'))
    const plans = [...tensors.tensors.values()].map(({ name, type, shape }) => ({ name, type: type as keyof typeof GGML_TYPES, shape }))
    const layout = layoutGguf({ metadata, tensors: plans })
    expect(Buffer.compare(layout.header, bytes.subarray(0, dataOffset))).toBe(0)
    expect(layout.size).toBe(bytes.length)
    expect(layout.tensors.map(({ offset }) => offset)).toEqual([...tensors.tensors.values()].map(({ offset }) => offset))
  })

  test('versions 1 and 2 of 2023 are read', async () => {
    const open = (name: string) => readGguf(memorySource(readFileSync(shared(`realdata/llamacpp-legacy-ggml-vocab/${name}`)), name))
    const first = await open('ggml-vocab-llama-ggufv1-63bfaf67.gguf')
    expect(first.version).toBe(1)
    expect(first.metadata.get('general.architecture')).toEqual({ type: 'STRING', value: 'llama' })
    expect(first.metadata.get('tokenizer.ggml.tokens')?.value).toHaveLength(32000)
    const second = await open('ggml-vocab-falcon-ggufv2-5dd6f5ac.gguf')
    expect(second.version).toBe(2)
    expect(second.metadata.get('tokenizer.ggml.tokens')?.value).toHaveLength(65024)
    await expect(open('ggml-vocab-llama-FUGG-8548445f.gguf')).rejects.toMatchObject({ code: 'gguf/byte-swapped-magic' })
  })
})
