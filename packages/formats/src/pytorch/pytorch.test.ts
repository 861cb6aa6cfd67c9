// Files PyTorch wrote: every tensor has the shape, the format and the bytes that PyTorch itself reads (fixtures/pytorch, made by make.py there).
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fileSource } from '../node/file-source.ts'
import { openPath } from '../node/open-path.ts'
import { contiguousBytes } from '../test-support/contiguous.test-support.ts'
import { noShared, shared } from '../test-support/shared.test-support.ts'
import { TORCH_DTYPES } from './globals.ts'
import { readPytorch } from './read.ts'

const fixtures = new URL('../../fixtures/pytorch/', import.meta.url)
const open = async (name: string) => readPytorch(await fileSource(new URL(name, fixtures).pathname))
type Expected = {
  readonly [file: string]: { readonly [tensor: string]: { readonly dtype: string; readonly shape: number[]; readonly sha256: string } }
}
const expected: Expected = JSON.parse(readFileSync(new URL('expected.json', fixtures), 'utf8'))

test.each(Object.keys(expected))('%s', async (name) => {
  const file = await open(name)
  const found: { [tensor: string]: unknown } = {}
  for (const tensor of file.tensors.values()) {
    const sha256 = createHash('sha256')
      .update(await contiguousBytes(file, tensor.name))
      .digest('hex')
    found[tensor.name] = { dtype: tensor.type, shape: tensor.shape, sha256 }
  }
  const wanted = Object.entries(expected[name]!).map(([tensor, { dtype, shape, sha256 }]) => [
    tensor,
    { dtype: TORCH_DTYPES.get(`torch.${dtype}`), shape, sha256 },
  ])
  expect(found).toEqual(Object.fromEntries(wanted))
  expect([...file.tensors.keys()]).toEqual(Object.keys(expected[name]!))
  await file.close()
})

test('views keep their strides and share bytes; what is row-major has none', async () => {
  const file = await open('zip.pt')
  const { matrix, transposed, sliced_columns, one_column, same_storage } = Object.fromEntries(file.tensors)
  expect(matrix).not.toHaveProperty('strides')
  expect(one_column).not.toHaveProperty('strides')
  expect(transposed).toMatchObject({ shape: [6, 4], strides: [1, 6], offset: matrix!.offset })
  expect(sliced_columns).toMatchObject({ shape: [4, 3], strides: [6, 1], offset: matrix!.offset + 8, byteLength: (3 * 6 + 3) * 4 })
  expect(same_storage!.offset).toBe(matrix!.offset)
  await file.close()
})

test('a training checkpoint gives the model, without the prefixes of its wrappers, and what was kept beside it', async () => {
  const file = await open('training.pt')
  expect([...file.tensors.keys()]).toEqual(['weight', 'bias'])
  expect(Object.fromEntries(file.scalars)).toMatchObject({
    'model_args.dim': 2,
    'model_args.name': 'tiny',
    'model_args.tied': true,
    iter_num: 7,
  })
  await file.close()
})

test.skipIf(noShared)('real files open (needs ../shared)', async () => {
  const names = await openPath(shared('realdata/makemore-names-pt/lmj9-model.pt'))
  expect([names.container, names.tensors.tensors.size]).toEqual(['pytorch', 57])
  expect(names.tensors.tensors.get('transformer.wte.weight')).toMatchObject({ type: 'F32', shape: [27, 64] })
  // The same weights as safetensors, converted by someone else; its linear layers are transposed there.
  const converted = await openPath(shared('realdata/gpt2-makemore-names-hf'))
  for (const name of ['transformer.wte.weight', 'transformer.h.3.ln_2.bias', 'lm_head.weight']) {
    expect(Buffer.compare(await contiguousBytes(names.tensors, name), await contiguousBytes(converted.tensors, name))).toBe(0)
  }
  await names.close()
  await converted.close()
  for (const [path, tensors, type] of [
    ['fixtures/models/gpt2', 29, 'gpt2'],
    ['fixtures/models/gpt-neox', 28, 'gpt_neox'],
  ] as const) {
    const model = await openPath(shared(path))
    expect([model.container, model.tensors.tensors.size, model.config?.model_type]).toEqual(['pytorch', tensors, type])
    await model.close()
  }
})
