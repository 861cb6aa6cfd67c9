// Encoders: the vectors transformers gave for them, from our runtime and from the real llama.cpp on files of ours, and EmbeddingGemma's way there and
// back. The decoders' logits are in `llama-cpp.test.ts`.
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { modelWeights, openModel } from '@fs/convert'
import type { Checkpoint } from '@fs/core'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { fileFolder } from '@fs/formats/folder'
import { openPath } from '@fs/formats/node'
import { openEmbeddingModel } from '@fs/runtime'
import { nodeBackend } from '@fs/runtime/node'
import { tokenizerFromGguf } from '@fs/tokenizer/gguf'
import { afterAll, describe, expect, test } from 'vitest'
import { cosine, loadLlamaCppEncoder } from './llama-cpp.test-support.ts'
import { absent, referenceModels } from './reference-models.test-support.ts'
import { convert, digests } from './round-trip.test-support.ts'

const folder = mkdtempSync(join(tmpdir(), 'embeddings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Reference = { readonly text: string; readonly ids: readonly number[]; readonly embedding: ArrayLike<number> }

const gemma = fileURLToPath(new URL('../../../packages/convert/fixtures/embedding-gemma', import.meta.url))
const gemmaTexts: readonly Reference[] = JSON.parse(readFileSync(join(gemma, 'reference.json'), 'utf8'))
const openGemma = () => openPath(gemma)

async function embeddings(open: () => Promise<Checkpoint>, texts: readonly Reference[]): Promise<readonly Float32Array[]> {
  const checkpoint = await open()
  const model = await openModel(checkpoint)
  const { spec } = model.description
  if (spec.kind !== 'encoder') throw new Error('not an encoder')
  const weights = modelWeights(model)
  const embedder = await openEmbeddingModel({ spec, weights, backend: nodeBackend({ threads: 1 }), arithmetic: 'exact' })
  // Together, so that padding has to be kept out of windows and means.
  const vectors = await embedder.embed(texts.map(({ ids }) => ids))
  await embedder.dispose()
  await checkpoint.close()
  return vectors
}

describe('EmbeddingGemma', () => {
  test('gives the vectors of transformers: windows to both sides, a mean, two linear layers, length one', async () => {
    const vectors = await embeddings(openGemma, gemmaTexts)
    for (const [index, { embedding }] of gemmaTexts.entries()) {
      const differences = Array.from(embedding, (value, at) => Math.abs(value - vectors[index]![at]!))
      expect(Math.max(...differences)).toBeLessThan(2e-6)
    }
  })

  test('is the file that llama.cpp makes of it with --sentence-transformers-dense-modules, to the last byte', async () => {
    const { files } = await convert(openGemma, 'gguf')
    const digest = createHash('sha256').update(files.get('model.gguf')!).digest('hex')
    expect(digest).toBe(readFileSync(join(gemma, 'gguf.sha256'), 'utf8').trim())
  })

  test('comes back from GGUF and from a unified folder with every tensor, linear layers in folders of their own', async () => {
    const gguf = await convert(openGemma, 'gguf')
    const back = await convert(gguf.open, 'huggingface')
    expect([...back.files.keys()]).toEqual(
      expect.arrayContaining(['2_Dense/model.safetensors', '3_Dense/config.json', '1_Pooling/config.json']),
    )
    const expected = await digests(gguf.open)
    expect(Object.keys(expected)).toHaveLength(95)
    expect(await digests((await convert(back.open, 'gguf')).open)).toEqual(expected)
    const unified = await convert(openGemma, 'unified')
    expect(await digests((await convert(unified.open, 'gguf')).open)).toEqual(expected)
    expect(await embeddings(unified.open, gemmaTexts)).toEqual(await embeddings(openGemma, gemmaTexts))
  })

  test('has the tokens of the reference in its GGUF', async () => {
    const checkpoint = await (await convert(openGemma, 'gguf')).open()
    const tokenizer = await tokenizerFromGguf(checkpoint.metadata!, 'model.gguf')
    for (const { text, ids } of gemmaTexts) expect(tokenizer.encode(text, { addSpecialTokens: true })).toEqual(ids)
  })
})

test('linear layers that llama.cpp has no room for keep a model out of GGUF, not out of a unified folder', async () => {
  const names = readdirSync(gemma, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = names.map(({ parentPath, name }) => join(parentPath, name))
  const files = new Map(paths.map((path) => [relative(gemma, path), Uint8Array.from(readFileSync(path))]))
  const settings = JSON.parse(new TextDecoder().decode(files.get('2_Dense/config.json')))
  delete settings.activation_function
  files.set('2_Dense/config.json', new TextEncoder().encode(JSON.stringify(settings)))
  const open = () => openCheckpoint(fileFolder('with-tanh', files))
  await expect(convert(open, 'gguf')).rejects.toMatchObject({ code: 'convert/not-in-gguf' })
  const unified = await convert(open, 'unified')
  expect(await embeddings(unified.open, gemmaTexts)).toEqual(await embeddings(open, gemmaTexts))
})

/** The checkpoint has no modules that pool; its reference is the mean. */
function pooling(path: string): () => Promise<Checkpoint> {
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
  const files = new Map(readdirSync(path).map((name) => [name, Uint8Array.from(readFileSync(join(path, name)))]))
  files.set('modules.json', json([{ type: 'sentence_transformers.models.Pooling', path: '1_Pooling' }]))
  files.set('1_Pooling/config.json', json({ pooling_mode: 'mean' }))
  return () => openCheckpoint(fileFolder('bert', files))
}

/** The mean of the last hidden state stands where decoders have logits. */
function bertTexts(): readonly { readonly name: string; readonly open: () => Promise<Checkpoint>; readonly texts: readonly Reference[] }[] {
  return referenceModels()
    .filter(({ name }) => name === 'bert')
    .map(({ path }) => {
      const { prompts } = JSON.parse(readFileSync(join(path, 'reference.json'), 'utf8')) as { prompts: readonly Reference[] }
      const rows = new Float32Array(Uint8Array.from(readFileSync(join(path, 'reference.logits.f32'))).buffer)
      const width = rows.length / prompts.length
      return {
        name: 'bert',
        open: pooling(path),
        texts: prompts.map((prompt, index) => ({ ...prompt, embedding: rows.subarray(index * width, (index + 1) * width) })),
      }
    })
}

if (absent !== undefined) test.skip(`BERT in llama.cpp: ${absent}`, () => undefined)

describe.each([
  { name: 'EmbeddingGemma', open: openGemma, texts: gemmaTexts, least: 0.99999 },
  ...bertTexts().map((bert) => ({ ...bert, least: 0.9999 })),
])('llama.cpp on $name', ({ name, open, texts, least }) => {
  test(`gives vectors within a cosine of ${least}, apart by its tanh GELU in float16 only`, async () => {
    const { files } = await convert(open, 'gguf')
    const file = join(folder, 'model.gguf')
    writeFileSync(file, files.get('model.gguf')!)
    const encoder = await loadLlamaCppEncoder(file)
    const cosines: number[] = []
    for (const { ids, embedding } of texts) cosines.push(cosine(await encoder.embedding(ids), embedding))
    await encoder.close()
    if (process.env.FARTSOVKA_MEASURE_ALL === '1') process.stdout.write(`| ${name} | ${Math.min(...cosines)} |\n`)
    expect(Math.min(...cosines)).toBeGreaterThan(least)
  }, 60_000)
})
