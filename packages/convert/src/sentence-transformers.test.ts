import { fileFolder } from '@fs/formats/folder'
import { expect, test } from 'vitest'
import { withSentenceTransformers } from './sentence-transformers.ts'

const folder = (files: { readonly [name: string]: unknown }) =>
  fileFolder(
    'encoder',
    new Map(
      Object.entries(files).map(([name, value]) => [
        name,
        new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)),
      ]),
    ),
  )
const module = (kind: string, path: string) => ({ type: `sentence_transformers.models.${kind}`, path })

const config = { hidden_size: 8 }
const tensors = new Map()

test('pooling and normalization join the configuration', async () => {
  const files = {
    'modules.json': [module('Transformer', ''), module('Pooling', '1_Pooling'), module('Normalize', '2_Normalize')],
    '1_Pooling/config.json': { pooling_mode_mean_tokens: true, word_embedding_dimension: 8 },
  }
  expect(await withSentenceTransformers({ config, tensors }, folder(files))).toEqual({
    config: { hidden_size: 8, sentence_transformers: { pooling_mode_mean_tokens: true, word_embedding_dimension: 8, normalize: true } },
    tensors,
  })
})

test('linear layers after pooling are numbered in the order of modules.json, whatever their folders are called', async () => {
  const files = {
    'modules.json': [module('Transformer', ''), module('Dense', '3_Dense'), module('Dense', 'more/2_Dense')],
    '3_Dense/config.json': { in_features: 8, out_features: 16 },
    'more/2_Dense/config.json': { in_features: 16, out_features: 8 },
  }
  const info = (name: string) => [name, { name, type: 'F32', shape: [8, 8], file: 0, offset: 0, byteLength: 256 } as const] as const
  const stored = new Map([info('more/2_Dense/linear.weight'), info('3_Dense/linear.bias'), info('norm.weight')])
  const whole = await withSentenceTransformers({ config, tensors: stored }, folder(files))
  expect([...whole.tensors.keys()]).toEqual(['dense.1.linear.weight', 'dense.0.linear.bias', 'norm.weight'])
  expect(whole.config.sentence_transformers).toEqual({
    dense: [
      { in_features: 8, out_features: 16 },
      { in_features: 16, out_features: 8 },
    ],
  })
})

test('a checkpoint without modules keeps its configuration', async () => {
  expect(await withSentenceTransformers({ config, tensors }, folder({}))).toEqual({ config, tensors })
  expect(await withSentenceTransformers({ config, tensors }, folder({ 'modules.json': '{"not": "a list"}' }))).toEqual({ config, tensors })
  await expect(withSentenceTransformers({ config, tensors }, folder({ 'modules.json': '[{' }))).rejects.toMatchObject({
    code: 'json/syntax',
  })
})

test.each(['Pooling', 'Dense'])('a %s module without its settings is refused: nobody knows what it does', async (kind) => {
  const files = { 'modules.json': [module('Transformer', ''), module(kind, '1_Module')] }
  await expect(withSentenceTransformers({ config, tensors }, folder(files))).rejects.toMatchObject({
    code: 'convert/module-settings',
    details: { file: '1_Module/config.json' },
  })
})

test('a module that changes the vectors and cannot be carried over stops the conversion', async () => {
  const files = { 'modules.json': [module('Transformer', ''), module('LayerNorm', '2_LayerNorm')] }
  await expect(withSentenceTransformers({ config, tensors }, folder(files))).rejects.toMatchObject({
    code: 'convert/module-unsupported',
    details: { module: 'sentence_transformers.models.LayerNorm' },
  })
})
