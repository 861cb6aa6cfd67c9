// Sharded models: index, headers and sizes are held against one another before any data is read.
import type { Folder, FsError } from '@fs/core'
import { expect, test } from 'vitest'
import { fileFolder } from '../folder/file-folder.ts'
import { ascii } from '../test-support/byte-parts.test-support.ts'
import { layoutSafetensors } from './layout.ts'
import { readSafetensorsIndex } from './sharded.ts'

const INDEX = 'model.safetensors.index.json'

function shard(...names: string[]): Uint8Array {
  const layout = layoutSafetensors({ tensors: names.map((name) => ({ name, dtype: 'F32', shape: [2] })) })
  const bytes = new Uint8Array(layout.size)
  bytes.set(layout.header)
  return bytes
}

const index = (map: { [tensor: string]: unknown }) => ascii(JSON.stringify({ metadata: { total_size: 24 }, weight_map: map }))

function folder(files: { [name: string]: Uint8Array }): Folder {
  return fileFolder('checkpoint', new Map(Object.entries(files)))
}

const sound = {
  [INDEX]: index({ a: '1.safetensors', b: '1.safetensors', c: '2.safetensors' }),
  '1.safetensors': shard('a', 'b'),
  '2.safetensors': shard('c'),
}

test('all shards of an index are one tensor source', async () => {
  const source = await readSafetensorsIndex(folder(sound), INDEX)
  expect(source.files.map(({ name }) => name)).toEqual(['1.safetensors', '2.safetensors'])
  expect([...source.tensors.values()].map(({ name, file }) => [name, file])).toEqual([
    ['a', 0],
    ['b', 0],
    ['c', 1],
  ])
})

test.each<[what: string, code: string, files: { [name: string]: Uint8Array }]>([
  ['a missing shard', 'shards/missing', { [INDEX]: sound[INDEX]!, '1.safetensors': shard('a', 'b') }],
  ['a shard cut short', 'safetensors/beyond-end', { ...sound, '2.safetensors': shard('c').subarray(0, -1) }],
  ['an index that names a tensor no shard has', 'shards/stale-index', { ...sound, '2.safetensors': shard() }],
  ['a shard with a tensor the index does not name', 'shards/stale-index', { ...sound, '2.safetensors': shard('c', 'd') }],
  [
    'a tensor in another shard than the index says',
    'shards/wrong-shard',
    { ...sound, '1.safetensors': shard('a', 'b', 'c'), '2.safetensors': shard() },
  ],
  ['a tensor in two shards', 'shards/duplicate-tensor', { ...sound, '2.safetensors': shard('a', 'c') }],
  ['an index without a map', 'shards/index', { [INDEX]: ascii('{}') }],
  ['an index with an empty map', 'shards/index', { [INDEX]: index({}) }],
  ['an index with a number for a shard', 'shards/index', { [INDEX]: index({ a: 1 }) }],
  ['an index that is a list', 'json/not-an-object', { [INDEX]: ascii('[]') }],
])('%s: %s', async (_what, code, files) => {
  expect(
    await readSafetensorsIndex(folder(files), INDEX).then(
      () => 'accepted',
      (error: FsError) => error.code,
    ),
  ).toBe(code)
})

test.each([
  '../../etc/passwd',
  '/etc/passwd',
  'a/../../b',
  'C:\\model.safetensors',
  '\\\\host\\share',
  'a\u0000b',
  'nul',
  'aux.safetensors',
  'x.',
  '',
  './a',
  'a//b',
  'a:b',
])('a shard name that leaves the folder or is no plain name: %j', async (name) => {
  await expect(readSafetensorsIndex(folder({ [INDEX]: index({ a: name }) }), INDEX)).rejects.toMatchObject({ code: 'folder/unsafe-name' })
})

test('a failure closes the shards that were opened', async () => {
  const closed: string[] = []
  const inner = folder({ ...sound, '2.safetensors': shard() })
  const watched: Folder = {
    ...inner,
    open: async (name) => {
      const source = await inner.open(name)
      return {
        ...source,
        close: async () => {
          closed.push(name)
        },
      }
    },
  }
  await expect(readSafetensorsIndex(watched, INDEX)).rejects.toThrow()
  expect(closed).toEqual([INDEX, '1.safetensors', '2.safetensors'])
})
