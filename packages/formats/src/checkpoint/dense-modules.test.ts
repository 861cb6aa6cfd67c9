// Linear layers in folders beside a checkpoint: found by modules.json, and missed when they are not there.
import { expect, test, vi } from 'vitest'
import { fileFolder } from '../folder/file-folder.ts'
import { layoutSafetensors } from '../safetensors/layout.ts'
import { ascii } from '../test-support/byte-parts.test-support.ts'
import { openCheckpoint } from './open-checkpoint.ts'

function weights(name: string, values: readonly number[]): Uint8Array {
  const { header, size, tensors } = layoutSafetensors({ tensors: [{ name, dtype: 'F32', shape: [values.length] }] })
  const file = new Uint8Array(size)
  file.set(header)
  file.set(new Uint8Array(Float32Array.from(values).buffer), tensors[0]!.offset)
  return file
}

const modules = ascii('[{"type":"x.Transformer","path":""},{"type":"x.Pooling","path":"1_Pooling"},{"type":"x.Dense","path":"2_Dense"}]')
const model = { 'model.safetensors': weights('norm.weight', [1]), 'modules.json': modules }
const folder = (files: { [name: string]: Uint8Array }) => fileFolder('encoder', new Map(Object.entries(files)))

test('their tensors come first, under the names of their folders, from their own files', async () => {
  const dense = { '2_Dense/model.safetensors': weights('linear.weight', [5, 6]) }
  const { tensors, close } = await openCheckpoint(folder({ ...model, ...dense }))
  expect([...tensors.tensors.keys()]).toEqual(['2_Dense/linear.weight', 'norm.weight'])
  const { file, offset, byteLength } = tensors.tensors.get('2_Dense/linear.weight')!
  const bytes = await tensors.files[file]!.read(offset, byteLength)
  expect([...new Float32Array(bytes.slice().buffer)]).toEqual([5, 6])
  await close()
})

test('a checkpoint without modules, or with others only, is as it was', async () => {
  for (const list of [undefined, ascii('[]'), ascii('{}'), ascii('[1, null, {"type": "x.Normalize"}]')]) {
    const { tensors } = await openCheckpoint(
      folder(list === undefined ? { 'model.safetensors': model['model.safetensors'] } : { ...model, 'modules.json': list }),
    )
    expect([...tensors.tensors.keys()]).toEqual(['norm.weight'])
  }
})

test.each([
  ['a module without weights', 'checkpoint/module-missing', {}],
  ['a module that is no safetensors file', 'safetensors/truncated', { '2_Dense/model.safetensors': ascii('hello') }],
  ['a module that is no pickle', 'pytorch/not-a-checkpoint', { '2_Dense/pytorch_model.bin': ascii('hello') }],
  ['a list of modules that is no JSON', 'json/syntax', { 'modules.json': ascii('[{') }],
])('%s stops the opening, with every file closed: %s', async (_what, code, files) => {
  const held = folder({ ...model, ...files })
  const closes: ReturnType<typeof vi.fn>[] = []
  const open = async (name: string) => {
    const source = await held.open(name)
    const close = vi.fn(() => source.close())
    closes.push(close)
    return { ...source, read: source.read.bind(source), close }
  }
  await expect(openCheckpoint({ ...held, open })).rejects.toMatchObject({ code })
  for (const close of closes) expect(close).toHaveBeenCalledOnce()
})
