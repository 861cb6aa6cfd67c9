// Splitting a model into files and reading them back as one; what is refused when the files do not belong together.
import type { FsError, MetadataValue } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memorySource } from '../bytes/memory.ts'
import { fileFolder } from '../folder/file-folder.ts'
import { metadataArbitrary, tensorsArbitrary } from '../test-support/arbitrary.test-support.ts'
import { ascii, join, text, u32, u64 } from '../test-support/byte-parts.test-support.ts'
import type { GgufTensorPlan } from './layout.ts'
import { type GgufPart, planGgufSplit } from './plan-split.ts'
import { readGguf } from './read-gguf.ts'
import { parseSplitName } from './split-name.ts'

const metadata: ReadonlyMap<string, MetadataValue> = new Map([['general.name', { type: 'STRING', value: 'tiny' }]])
/** Tensors of 32, 64, 96 … bytes. */
const tensors: readonly GgufTensorPlan[] = [8, 16, 24, 32, 40].map((elements, index) => ({
  name: `t${index}`,
  type: 'F32',
  shape: [elements],
}))
const groups = (parts: readonly GgufPart[]) => parts.map((part) => part.tensors.map(({ name }) => name).join(' '))

function folderOf(parts: readonly GgufPart[], change: (bytes: Uint8Array, index: number) => Uint8Array = (bytes) => bytes) {
  const contents = parts.map(({ fileName, layout }, index): [string, Uint8Array] => {
    const bytes = new Uint8Array(layout.size)
    bytes.set(layout.header)
    return [fileName, change(bytes, index)]
  })
  return fileFolder('split', new Map(contents))
}

async function open(folder: ReturnType<typeof folderOf>, fileName: string) {
  return readGguf(await folder.open(fileName), { openShard: (name) => folder.open(name) })
}

describe('planning', () => {
  const plan = (limit: { maxBytes: number } | { maxTensors: number }) => planGgufSplit({ prefix: 'm', metadata, tensors, limit })

  test('by bytes: a part is closed before it would exceed the limit, a larger tensor has a part of its own', () => {
    expect(groups(plan({ maxBytes: 100 }))).toEqual(['t0 t1', 't2', 't3', 't4'])
    expect(groups(plan({ maxBytes: 1 }))).toEqual(['t0', 't1', 't2', 't3', 't4'])
    expect(groups(plan({ maxBytes: 1e9 }))).toEqual(['t0 t1 t2 t3 t4'])
  })

  test('by tensors', () => {
    expect(groups(plan({ maxTensors: 2 }))).toEqual(['t0 t1', 't2 t3', 't4'])
  })

  test('metadata in the first part only, split keys in all, in the order llama-gguf-split leaves them', () => {
    const parts = planGgufSplit({ prefix: 'm', metadata, tensors, limit: { maxTensors: 3 }, firstPart: 'first-empty' })
    expect(groups(parts)).toEqual(['', 't0 t1 t2', 't3 t4'])
    expect(parts.map(({ fileName }) => fileName)).toEqual(['m-00001-of-00003.gguf', 'm-00002-of-00003.gguf', 'm-00003-of-00003.gguf'])
  })

  test('a limit of nothing is refused', () => {
    expect(() => plan({ maxBytes: 0 })).toThrow(expect.objectContaining({ code: 'gguf/split-limit' }))
    expect(() => plan({ maxTensors: 0.5 })).toThrow(expect.objectContaining({ code: 'gguf/split-limit' }))
  })
})

test('any model split in any way reads back as one, from any of its parts', async () => {
  const limit = fc.oneof(
    fc.integer({ min: 1, max: 2000 }).map((maxBytes) => ({ maxBytes })),
    fc.integer({ min: 1, max: 4 }).map((maxTensors) => ({ maxTensors })),
  )
  await fc.assert(
    fc.asyncProperty(metadataArbitrary, tensorsArbitrary, limit, fc.nat(), async (keys, list, chosen, start) => {
      const parts = planGgufSplit({ prefix: 'model', metadata: keys, tensors: list, limit: chosen })
      const folder = folderOf(parts)
      const file = await open(folder, parts[start % parts.length]!.fileName)
      expect([...file.metadata.keys()]).toEqual([
        ...[...keys.keys()].filter((key) => !key.startsWith('split.')),
        'split.no',
        'split.tensors.count',
        'split.count',
      ])
      expect([...file.tensors.tensors.keys()].sort()).toEqual(list.map(({ name }) => name).sort())
      for (const [index, part] of parts.entries()) {
        for (const placed of part.layout.tensors)
          expect(file.tensors.tensors.get(placed.name)).toMatchObject({ file: index, offset: placed.offset })
      }
    }),
    { numRuns: 50 },
  )
})

describe('parts that do not belong together', () => {
  const parts = planGgufSplit({ prefix: 'm', metadata, tensors, limit: { maxTensors: 2 } })
  const codeOf = (folder: ReturnType<typeof folderOf>, name = parts[0]!.fileName) =>
    open(folder, name).then(
      () => 'accepted',
      (error: FsError) => error.code,
    )
  const without = (name: string) => {
    const folder = folderOf(parts)
    return { ...folder, open: (asked: string) => (asked === name ? Promise.reject(new Error('gone')) : folder.open(asked)) }
  }

  test('a missing part is named', async () => {
    await expect(open(without('m-00002-of-00003.gguf'), 'm-00001-of-00003.gguf')).rejects.toMatchObject({
      code: 'gguf/split-missing',
      details: { file: 'm-00002-of-00003.gguf' },
    })
  })

  test('a part alone', async () => {
    await expect(readGguf(await folderOf(parts).open(parts[0]!.fileName))).rejects.toMatchObject({ code: 'gguf/split-missing' })
  })

  test('a part under another name', async () => {
    const bytes = await (await folderOf(parts).open(parts[0]!.fileName)).read(0, parts[0]!.layout.size)
    await expect(readGguf(memorySource(bytes, 'renamed.gguf'))).rejects.toMatchObject({ code: 'gguf/split-name' })
  })

  test('a part in the place of another', async () => {
    const first = folderOf(parts)
    const swapped = { ...first, open: (name: string) => first.open(name === parts[1]!.fileName ? parts[2]!.fileName : name) }
    expect(await codeOf(swapped)).toBe('gguf/split-mismatch')
  })

  test('a part of another model, with the same tensors', async () => {
    const other = planGgufSplit({ prefix: 'm', metadata, tensors: [tensors[4]!, tensors[3]!, tensors[0]!], limit: { maxTensors: 1 } })
    const [ours, theirs] = [folderOf(parts), folderOf(other)]
    const mixed = { ...ours, open: (name: string) => (name === 'm-00003-of-00003.gguf' ? theirs.open(name) : ours.open(name)) }
    expect(await codeOf(mixed)).toBe('gguf/duplicate-tensor')
  })

  test('another number of tensors than declared', async () => {
    const fewer = planGgufSplit({ prefix: 'm', metadata, tensors: tensors.slice(0, 4), limit: { maxTensors: 2 } })
    const shorter = [
      { ...fewer[0]!, fileName: 'm-00001-of-00002.gguf' },
      { ...fewer[1]!, fileName: 'm-00002-of-00002.gguf' },
    ]
    const declaring = folderOf(shorter, (bytes) => {
      // split.tensors.count is the four bytes behind its key and type.
      const at = Buffer.from(bytes).indexOf('split.tensors.count') + 'split.tensors.count'.length + 4
      bytes[at] = 9
      return bytes
    })
    expect(await codeOf(declaring, 'm-00001-of-00002.gguf')).toBe('gguf/split-mismatch')
  })

  test('a split count that is text', async () => {
    const bytes = join(ascii('GGUF'), u32(3), u64(0, 1), text('split.count'), u32(8), text('two'))
    await expect(readGguf(memorySource(bytes, 'm-00001-of-00002.gguf'))).rejects.toMatchObject({ code: 'gguf/metadata-type' })
  })
})

test('split names', () => {
  expect(parseSplitName('dir-00002-of-00010.gguf')).toEqual({ prefix: 'dir', number: 2, count: 10 })
  expect(parseSplitName('model.gguf')).toBeUndefined()
})
