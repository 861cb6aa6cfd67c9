// Sharded PyTorch models, and Meta's consolidated checkpoints.
import { expect, test } from 'vitest'
import { openCheckpoint } from '../checkpoint/open-checkpoint.ts'
import { fileFolder } from '../folder/file-folder.ts'
import { ascii, zeros } from '../test-support/byte-parts.test-support.ts'
import * as p from '../test-support/pickle-writer.test-support.ts'
import { zipFile } from '../test-support/zip-writer.test-support.ts'
import { readPytorchIndex } from './sharded.ts'

/** A file with one tensor of four floats per name. */
function file(...names: string[]): Uint8Array {
  const pairs = names.map((name, index): [string, Uint8Array] => [name, p.tensor({ key: `${index}`, count: 4, shape: [4], strides: [1] })])
  return zipFile([
    { name: 'm/data.pkl', bytes: p.pickle(p.dict(...pairs)) },
    ...names.map((_, index) => ({ name: `m/data/${index}`, bytes: zeros(16) })),
  ])
}

const folder = (files: { [name: string]: Uint8Array }) => fileFolder('model', new Map(Object.entries(files)))
const index = ascii(JSON.stringify({ weight_map: { a: '1.bin', b: '1.bin', c: '2.bin' } }))

test('all shards of an index are one tensor source', async () => {
  const checkpoint = await openCheckpoint(
    folder({ 'pytorch_model.bin.index.json': index, '1.bin': file('a', 'b'), '2.bin': file('c'), 'config.json': ascii('{}') }),
  )
  expect(checkpoint.container).toBe('pytorch')
  expect([...checkpoint.tensors.tensors.values()].map(({ name, file }) => [name, file])).toEqual([
    ['a', 0],
    ['b', 0],
    ['c', 1],
  ])
  await checkpoint.close()
})

test('a shard that does not fit the index is refused', async () => {
  const files = { 'pytorch_model.bin.index.json': index, '1.bin': file('a', 'b'), '2.bin': file('d') }
  await expect(readPytorchIndex(folder(files), 'pytorch_model.bin.index.json')).rejects.toMatchObject({ code: 'shards/stale-index' })
})

test('safetensors come before pickles, as in transformers', async () => {
  const safetensors = ascii('\u0002\u0000\u0000\u0000\u0000\u0000\u0000\u0000{}')
  const checkpoint = await openCheckpoint(folder({ 'pytorch_model.bin': file('a'), 'model.safetensors': safetensors }))
  expect(checkpoint.container).toBe('safetensors')
})

test("Meta's checkpoint brings its params.json as metadata", async () => {
  const params = ascii('{"dim": 2048, "norm_eps": 1e-05, "use_scaled_rope": true, "quantization_args": {"group_size": 32}, "vocab": null}')
  const checkpoint = await openCheckpoint(folder({ 'consolidated.00.pth': file('tok_embeddings.weight'), 'params.json': params }))
  expect(Object.fromEntries(checkpoint.metadata!)).toEqual({
    'params.dim': { type: 'INT32', value: 2048 },
    'params.norm_eps': { type: 'FLOAT64', value: 1e-5 },
    'params.use_scaled_rope': { type: 'BOOL', value: true },
    'params.quantization_args.group_size': { type: 'INT32', value: 32 },
  })
})

test("the parts of Meta's checkpoint over several GPUs are told apart by their names", async () => {
  const parts = { 'consolidated.01.pth': file('a'), 'consolidated.00.pth': file('a', 'b'), 'params.json': ascii('{"dim": 8}') }
  const checkpoint = await openCheckpoint(folder(parts))
  expect([...checkpoint.tensors.tensors].map(([name, tensor]) => [name, tensor.file])).toEqual([
    ['consolidated.00/a', 0],
    ['consolidated.00/b', 0],
    ['consolidated.01/a', 1],
  ])
  expect(checkpoint.metadata?.get('params.dim')?.value).toBe(8)
  await checkpoint.close()
})

test.each<[what: string, code: string, parts: { [name: string]: Uint8Array }]>([
  ['a part missing among others', 'pytorch/model-parallel', { 'consolidated.02.pth': file('a') }],
  ['a part cut to nothing', 'pytorch/not-a-checkpoint', { 'consolidated.01.pth': zeros(0) }],
])('%s is refused: %s', async (_what, code, parts) => {
  await expect(openCheckpoint(folder({ 'consolidated.00.pth': file('a'), ...parts }))).rejects.toMatchObject({ code })
})
