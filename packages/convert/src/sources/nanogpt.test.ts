// GPT-2 as training scripts leave it, against the same weights from transformers.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { fileFolder } from '@fs/formats/folder'
import { jsonFromTokenBytes } from '@fs/tokenizer/legacy'
import { expect, test } from 'vitest'
import { converted, fixture, numbersOf, opened } from './converted.test-support.ts'
import { json, text } from './in-memory.test-support.ts'

const tokenizer = text(
  jsonFromTokenBytes(
    Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
    'tokens',
  ),
)
const file = (...path: readonly string[]) => Uint8Array.from(readFileSync(join(fixture(path[0]!), ...path.slice(1))))
const folder = (files: { readonly [name: string]: Uint8Array }) =>
  openCheckpoint(fileFolder('model', new Map(Object.entries({ 'tokenizer.json': tokenizer, ...files }))))
const nano = () => file('nanogpt', 'ckpt.pt')
const hf = () => folder({ 'model.safetensors': file('nanogpt-hf', 'model.safetensors'), 'config.json': file('nanogpt-hf', 'config.json') })

test('nanoGPT’s checkpoint gives what transformers’ gives', async () => {
  const made = await converted(await folder({ 'ckpt.pt': nano() }))
  const reference = await converted(await hf())
  expect(made.tensors).toEqual(reference.tensors)
  expect(numbersOf(made, 'blk.1.attn_qkv.weight')).toHaveLength(3 * 16 * 16)
  expect(made.model.description.spec).toEqual(reference.model.description.spec)
  expect(made.notices).toContain('nanogpt/activation')
})

test('a config.json beside it is believed', async () => {
  const { description } = await opened(
    await folder({ 'ckpt.pt': nano(), 'config.json': json({ activation_function: 'gelu_new', n_head: 2 }) }),
  )
  expect(description.spec.layers[0]).toMatchObject({ attention: { heads: 2 }, feedForward: { activation: 'gelu-tanh' } })
})

test('without arguments the heads have to be told', async () => {
  const bytes = nano()
  // The name of the dictionary with the arguments, overwritten by one nobody looks for.
  const at = Buffer.from(bytes).indexOf('model_args')
  bytes.set(text('other_args'), at)
  await expect(opened(await folder({ 'ckpt.pt': bytes }))).rejects.toMatchObject({
    code: 'convert/no-configuration',
    message: expect.stringContaining('how many heads'),
  })
  const { description } = await opened(await folder({ 'ckpt.pt': bytes, 'config.json': json({ n_head: 4 }) }))
  expect(description.spec.layers[0]).toMatchObject({ attention: { heads: 4 }, feedForward: { activation: 'gelu-tanh' } })
})
