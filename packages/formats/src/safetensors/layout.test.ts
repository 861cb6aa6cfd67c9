// What is laid out reads back the same, and equals byte for byte what the safetensors library wrote.
import { readFileSync } from 'node:fs'
import { DTYPES, type Dtype } from '@fs/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memorySource } from '../bytes/memory.ts'
import { noShared, shared } from '../test-support/shared.test-support.ts'
import { readSafetensorsHeader } from './header.ts'
import { layoutSafetensors } from './layout.ts'

const tensors = fc.uniqueArray(
  fc.record({
    name: fc.string({ unit: 'grapheme' }).filter((name) => name !== '__metadata__'),
    dtype: fc.constantFrom(...(Object.keys(DTYPES) as Dtype[])),
    shape: fc.array(fc.nat(4), { maxLength: 4 }),
  }),
  { selector: ({ name }) => name, maxLength: 10 },
)
const metadata = fc.option(
  fc.dictionary(fc.string(), fc.string()).map((pairs) => new Map(Object.entries(pairs))),
  { nil: undefined },
)

test('tensors and metadata survive the round trip, every tensor aligned to its dtype', async () => {
  await fc.assert(
    fc.asyncProperty(tensors, metadata, async (list, pairs) => {
      const layout = layoutSafetensors({ tensors: list, ...(pairs === undefined ? {} : { metadata: pairs }) })
      const bytes = new Uint8Array(layout.size)
      bytes.set(layout.header)
      const header = await readSafetensorsHeader(memorySource(bytes, 'made.safetensors'))
      expect(new Map(header.metadata)).toEqual(pairs ?? new Map())
      const read = new Map(header.entries.map((entry) => [entry.name, entry]))
      expect(read.size).toBe(list.length)
      for (const { name, dtype, shape } of list) {
        expect(read.get(name)).toMatchObject({ type: dtype, shape })
        expect(read.get(name)!.offset % DTYPES[dtype].bytes).toBe(0)
      }
      for (const { name, offset, byteLength } of layout.tensors) expect(read.get(name)).toMatchObject({ offset, byteLength })
    }),
  )
})

test('the library orders by dtype, widest first, then by name, and sorts the metadata', () => {
  const { header } = layoutSafetensors({
    metadata: new Map([
      ['format', 'pt'],
      ['a', 'b'],
    ]),
    tensors: [
      { name: 'b', dtype: 'BF16', shape: [2] },
      { name: 'a', dtype: 'U8', shape: [3] },
      { name: 'c', dtype: 'F32', shape: [] },
      { name: 'a2', dtype: 'BF16', shape: [1] },
    ],
  })
  expect(new TextDecoder().decode(header.subarray(8)).trimEnd()).toBe(
    '{"__metadata__":{"a":"b","format":"pt"},"c":{"dtype":"F32","shape":[],"data_offsets":[0,4]},' +
      '"a2":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[6,10]},' +
      '"a":{"dtype":"U8","shape":[3],"data_offsets":[10,13]}}',
  )
})

test
  .skipIf(noShared)
  .each(['fixtures/models/llama-3.2', 'fixtures/models/bert', 'realdata/gpt2-makemore-names-hf', 'realdata/stories260k-hf'])(
  'the header of %s is laid out again to the same bytes (needs ../shared)',
  async (folder) => {
    const bytes = readFileSync(shared(`${folder}/model.safetensors`))
    const { entries, metadata, dataOffset } = await readSafetensorsHeader(memorySource(bytes, folder))
    const layout = layoutSafetensors({ metadata, tensors: entries.map(({ name, type, shape }) => ({ name, dtype: type, shape })) })
    expect(Buffer.compare(layout.header, bytes.subarray(0, dataOffset))).toBe(0)
    expect(layout.size).toBe(bytes.length)
  },
)

test.each([
  ['a tensor twice', [tensor('a', [1]), tensor('a', [1])]],
  ['the reserved name', [tensor('__metadata__', [1])]],
  ['a negative dimension', [tensor('a', [-1])]],
  ['a size beyond exact numbers', [tensor('a', [2 ** 30, 2 ** 30])]],
  ['a header over 100 MB', [tensor('n'.repeat(100_000_001), [1])]],
])('refuses to write %s', (_what, list) => {
  expect(() => layoutSafetensors({ tensors: list })).toThrow(expect.objectContaining({ code: 'safetensors/unwritable' }))
})

function tensor(name: string, shape: number[]) {
  return { name, dtype: 'F32' as const, shape }
}
