// Opening whatever a person points at: which container is chosen, what is said when there is none.
import type { FsError } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { fileFolder } from '../folder/file-folder.ts'
import { layoutGguf } from '../gguf/layout.ts'
import { layoutSafetensors } from '../safetensors/layout.ts'
import { ascii } from '../test-support/byte-parts.test-support.ts'
import { openCheckpoint } from './open-checkpoint.ts'

const safetensors = layoutSafetensors({ tensors: [] }).header
const gguf = layoutGguf({ metadata: new Map([['general.architecture', { type: 'STRING', value: 'llama' }]]), tensors: [] }).header
/** A ModelProto of version 10 and nothing more. */
const onnx = Uint8Array.of(8, 10)
const folder = (files: { [name: string]: Uint8Array }) => fileFolder('model', new Map(Object.entries(files)))
const codeOf = (files: { [name: string]: Uint8Array }, fileName?: string) =>
  openCheckpoint(folder(files), fileName).then(
    ({ container }) => container,
    (error: FsError) => error.code,
  )

test('a folder gives its configuration, its files and the tensors', async () => {
  const checkpoint = await openCheckpoint(folder({ 'model.safetensors': safetensors, 'config.json': ascii('{"model_type":"llama"}') }))
  expect(checkpoint).toMatchObject({ name: 'model', container: 'safetensors', config: { model_type: 'llama' } })
  expect(checkpoint.folder.files.has('config.json')).toBe(true)
  await checkpoint.close()
})

test('a lone file is opened by its content and has no folder', async () => {
  const checkpoint = await openCheckpoint(folder({ 'tiny-q4_0.bin': gguf, 'config.json': ascii('{}') }), 'tiny-q4_0.bin')
  expect(checkpoint).toMatchObject({ name: 'tiny-q4_0', container: 'gguf' })
  expect(checkpoint.metadata?.get('general.architecture')?.value).toBe('llama')
  expect(checkpoint.folder.files.size).toBe(0)
  expect(checkpoint.config).toBeUndefined()
})

describe('which container a folder is', () => {
  test.each<[what: string, expected: string, files: { [name: string]: Uint8Array }]>([
    ['safetensors before GGUF', 'safetensors', { 'a.gguf': gguf, 'model.safetensors': safetensors }],
    ['a single safetensors of any name', 'safetensors', { 'weights.safetensors': safetensors }],
    ['a single GGUF, its projector aside', 'gguf', { 'm.gguf': gguf, 'mmproj-m.gguf': gguf, 'imatrix.gguf': gguf }],
    ['a GGUF named after its importance matrix', 'gguf', { 'm-imatrix-Q4_0.gguf': gguf }],
    [
      'shards without their index',
      'checkpoint/ambiguous',
      { 'model-00001-of-00002.safetensors': safetensors, 'model-00002-of-00002.safetensors': safetensors },
    ],
    ['several GGUFs', 'checkpoint/ambiguous', { 'a.gguf': gguf, 'b.gguf': gguf }],
    ['several PyTorch files and nothing else', 'checkpoint/ambiguous', { 'a.pt': gguf, 'b.pt': gguf }],
    ['a GGUF among PyTorch files', 'gguf', { 'a.gguf': gguf, 'a.pt': gguf, 'b.pt': gguf }],
    ['safetensors before ONNX', 'safetensors', { 'onnx/model.onnx': onnx, 'model.safetensors': safetensors }],
    ['an ONNX model in its folder', 'onnx', { 'onnx/model_q4.onnx': onnx }],
    ['nothing', 'checkpoint/empty', {}],
    ['no model', 'checkpoint/empty', { 'README.md': ascii('hello') }],
  ])('%s: %s', async (_what, expected, files) => {
    expect(await codeOf(files)).toBe(expected)
  })
})

test.each([
  ['a Git LFS pointer', 'checkpoint/git-lfs-pointer', ascii('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n')],
  ['a web page', 'checkpoint/web-page', ascii('<!DOCTYPE html><html>Sign in')],
  ['something else', 'checkpoint/unknown-container', ascii('hello')],
  ['nothing', 'checkpoint/unknown-container', ascii('')],
])('a file that is %s: %s', async (_what, code, bytes) => {
  expect(await codeOf({ x: bytes }, 'x')).toBe(code)
})

test('a placeholder is recognised in a folder too, and a missing file is named', async () => {
  expect(await codeOf({ 'model.safetensors': ascii('version https://git-lfs.github.com/spec/v1\n') })).toBe('checkpoint/git-lfs-pointer')
  expect(await codeOf({}, 'gone.gguf')).toBe('folder/not-found')
})

test('a broken configuration closes the tensors again', async () => {
  expect(await codeOf({ 'model.safetensors': safetensors, 'config.json': ascii('{') })).toBe('json/syntax')
})

test('a lone file brings the files that belong to its kind, and no others', async () => {
  // llama2.c: dim 2, hidden 1, a layer, a head, a token, a position; 21 numbers and a rotary table of two.
  const numbers = [2, 1, 1, 1, 1, 1, 1]
  const model = new Uint8Array(Int32Array.from([...numbers, ...new Array(2 + 2 * 2 + 4 * 4 + 3 * 2 + 2 + 2).fill(0)]).buffer)
  const checkpoint = await openCheckpoint(folder({ 'a.bin': model, 'tok1.bin': ascii(''), 'config.json': ascii('{}') }), 'a.bin')
  expect([checkpoint.container, ...checkpoint.folder.files.keys()]).toEqual(['llama2c', 'tok1.bin'])
  await checkpoint.close()
})

test('a folder whose config.json names our format is a unified one, whatever else it says', async () => {
  const config = ascii('{"format":"fartsovka","model_type":"llama"}')
  expect(await codeOf({ 'model.safetensors': safetensors, 'config.json': config })).toBe('unified')
  expect(await codeOf({ 'a.gguf': gguf, 'config.json': config })).toBe('gguf')
  expect(await codeOf({ 'model.safetensors': safetensors, 'config.json': ascii('{"format":"other"}') })).toBe('safetensors')
})

test('of several ONNX models the one that config.json names is opened, with its data; a lone one by its name', async () => {
  const config = ascii('{"transformers.js_config":{"dtype":"q4"}}')
  const models = {
    'onnx/model.onnx': onnx,
    'onnx/model_q4.onnx': onnx,
    'onnx/model_q4.onnx_data': ascii('1'),
    'onnx/model.onnx_data': ascii('2'),
  }
  const opened = await openCheckpoint(folder({ ...models, 'config.json': config }))
  expect(opened.tensors.files.map(({ name }) => name)).toEqual(['onnx/model_q4.onnx', 'onnx/model_q4.onnx_data'])
  expect((await openCheckpoint(folder(models))).tensors.files[0]?.name).toBe('onnx/model.onnx')
  expect(await codeOf({ 'some.onnx': onnx }, 'some.onnx')).toBe('onnx')
  await opened.close()
})
