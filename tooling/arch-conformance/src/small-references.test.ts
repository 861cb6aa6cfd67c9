// Architectures for which there is no larger reference checkpoint: what transformers computes with narrow ones, from our runtime, from the checkpoint
// and from every form it is converted to. Made by `../fixtures/make-references.py`.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { modelWeights, openModel } from '@fs/convert'
import type { Checkpoint } from '@fs/core'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { fileFolder } from '@fs/formats/folder'
import { openEmbeddingModel, openLanguageModel } from '@fs/runtime'
import { nodeBackend } from '@fs/runtime/node'
import { jsonFromTokenBytes } from '@fs/tokenizer/legacy'
import { afterAll, describe, expect, test } from 'vitest'
import { cosine, divergence, loadLlamaCpp, loadLlamaCppEncoder } from './llama-cpp.test-support.ts'
import { convert, digests } from './round-trip.test-support.ts'

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url))
const names = readdirSync(fixtures, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

const folder = mkdtempSync(join(tmpdir(), 'references-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Of every one of them. */
const HIDDEN = 32

/** What makes an encoder pool; decoders do not look. */
const MEAN = {
  'modules.json': [{ type: 'sentence_transformers.models.Pooling', path: '1_Pooling' }],
  '1_Pooling/config.json': { pooling_mode: 'mean' },
}

/** As in the script. */
const TOKENS = [5, 17, 3, 40, 40, 9, 61, 2, 33, 21, 8, 50]

/** The checkpoint with a tokenizer of as many tokens, which its reference does without and a GGUF does not. */
function opener(name: string, more: { readonly [file: string]: unknown } = {}): () => Promise<Checkpoint> {
  const files = new Map(readdirSync(join(fixtures, name)).map((file) => [file, Uint8Array.from(readFileSync(join(fixtures, name, file)))]))
  const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))
  files.set('tokenizer.json', new TextEncoder().encode(jsonFromTokenBytes(bytes, 'tokens')))
  for (const [file, value] of Object.entries(more)) files.set(file, new TextEncoder().encode(JSON.stringify(value)))
  return () => openCheckpoint(fileFolder(name, files))
}

/** Logits of every position, or an encoder's vector of every token. */
async function computed(open: () => Promise<Checkpoint>, tokens: readonly number[]): Promise<Float32Array> {
  const opened = await openModel(await open())
  const { spec } = opened.description
  const parts = { weights: modelWeights(opened), backend: nodeBackend({ threads: 1 }), arithmetic: 'exact' } as const
  if (spec.kind === 'encoder') {
    const model = await openEmbeddingModel({ spec, ...parts })
    const vectors = await model.tokenVectors(tokens)
    await model.dispose()
    return vectors
  }
  const model = await openLanguageModel({ spec, ...parts, contextLength: spec.contextLength })
  const sequence = model.createSequence()
  const logits = await model.prefill({ sequence, tokens }, 'all')
  sequence.dispose()
  await model.dispose()
  return logits
}

describe.each(names)('%s', (name) => {
  const reference = new Float32Array(Uint8Array.from(readFileSync(join(fixtures, name, 'reference.f32'))).buffer)
  const open = opener(name)

  test('computes what transformers computes', async () => {
    const values = await computed(open, TOKENS)
    expect(values).toHaveLength(reference.length)
    const largest = reference.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const apart = reference.reduce((most, value, index) => Math.max(most, Math.abs(value - values[index]!)), 0)
    expect(apart / largest).toBeLessThan(2e-5)
  })

  // RoBERTa's positions begin behind the padding token, of which GGUF keeps no trace.
  const forms = name === 'roberta' ? (['unified'] as const) : (['gguf', 'huggingface', 'unified'] as const)
  test.each(forms)('computes the same to the last bit as %s', async (form) => {
    const converted = await convert(open, form, { pre: 'gpt-2' })
    expect(await computed(converted.open, TOKENS)).toEqual(await computed(open, TOKENS))
    if (form === 'gguf') {
      const back = await convert(converted.open, 'huggingface')
      expect(await digests((await convert(back.open, 'gguf', { pre: 'gpt-2' })).open)).toEqual(await digests(converted.open))
    }
  })

  // GPT-J has no loader any more.
  test.skipIf(name === 'gpt-j')(
    'computes the same in the real llama.cpp',
    async () => {
      const { files } = await convert(opener(name, MEAN), 'gguf', { pre: 'gpt-2' })
      const file = join(folder, `${name}.gguf`)
      writeFileSync(file, files.get('model.gguf')!)
      const isEncoder = reference.length === TOKENS.length * HIDDEN
      const width = reference.length / TOKENS.length
      if (isEncoder) {
        const encoder = await loadLlamaCppEncoder(file)
        const mean = Float32Array.from({ length: width }, (_, at) =>
          TOKENS.reduce((sum, _token, row) => sum + reference[row * width + at]!, 0),
        )
        expect(cosine(await encoder.embedding(TOKENS), mean)).toBeGreaterThan(0.9999)
        await encoder.close()
        return
      }
      const model = await loadLlamaCpp(file)
      expect(divergence(reference.subarray(-width), await model.logits(TOKENS))).toBeLessThan(1e-4)
      await model.close()
    },
    60_000,
  )
})

test('Phi-3.5 comes with the length from which llama.cpp goes its own way', async () => {
  const { notices } = await convert(opener('phi-3.5'), 'gguf', { pre: 'gpt-2' })
  expect(notices.find((message) => message.includes('rotary factors'))).toContain('answers to prompts of up to 8 tokens differ')
})
