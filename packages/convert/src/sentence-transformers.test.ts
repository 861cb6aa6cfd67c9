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

test('pooling and normalization join the configuration', async () => {
  const files = {
    'modules.json': [module('Transformer', ''), module('Pooling', '1_Pooling'), module('Normalize', '2_Normalize')],
    '1_Pooling/config.json': { pooling_mode_mean_tokens: true, word_embedding_dimension: 8 },
  }
  expect(await withSentenceTransformers({ hidden_size: 8 }, folder(files))).toEqual({
    hidden_size: 8,
    sentence_transformers: { pooling_mode_mean_tokens: true, word_embedding_dimension: 8, normalize: true },
  })
})

test('a checkpoint without modules keeps its configuration', async () => {
  expect(await withSentenceTransformers({ hidden_size: 8 }, folder({}))).toEqual({ hidden_size: 8 })
  expect(await withSentenceTransformers({ hidden_size: 8 }, folder({ 'modules.json': '{"not": "a list"}' }))).toEqual({ hidden_size: 8 })
})

test('a module that changes the vectors and cannot be carried over stops the conversion', async () => {
  const files = { 'modules.json': [module('Transformer', ''), module('Dense', '2_Dense')] }
  await expect(withSentenceTransformers({}, folder(files))).rejects.toMatchObject({
    code: 'convert/module-unsupported',
    details: { module: 'sentence_transformers.models.Dense' },
  })
})
