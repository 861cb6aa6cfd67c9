// Architectures for which there is no larger reference checkpoint: what transformers computes with narrow ones, from our runtime, from the checkpoint
// and from every form it is converted to. Made by `../fixtures/make-references.py`.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { modelWeights, openModel } from '@fs/convert'
import type { Checkpoint } from '@fs/core'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { fileFolder } from '@fs/formats/folder'
import { openEmbeddingModel, openLanguageModel } from '@fs/runtime'
import { nodeBackend } from '@fs/runtime/node'
import { describe, expect, test } from 'vitest'
import { convert, digests } from './round-trip.test-support.ts'

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url))
const names = readdirSync(fixtures, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

type Reference = { readonly tokens: readonly number[]; readonly rows: readonly (readonly number[])[] }

const TOKENIZER = {
  version: '1.0',
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: null,
  decoder: { type: 'ByteLevel' },
  model: {
    type: 'BPE',
    vocab: Object.fromEntries(Array.from({ length: 64 }, (_, token) => [String.fromCharCode(33 + token), token])),
    merges: [],
  },
}

/** The checkpoint with a tokenizer of as many tokens, which its reference does without and a GGUF does not. */
function opener(name: string): () => Promise<Checkpoint> {
  const files = new Map(readdirSync(join(fixtures, name)).map((file) => [file, Uint8Array.from(readFileSync(join(fixtures, name, file)))]))
  files.set('tokenizer.json', new TextEncoder().encode(JSON.stringify(TOKENIZER)))
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
  const { tokens, rows }: Reference = JSON.parse(readFileSync(join(fixtures, name, 'reference.json'), 'utf8'))
  const reference = rows.flat()
  const open = opener(name)

  test('computes what transformers computes', async () => {
    const values = await computed(open, tokens)
    expect(values).toHaveLength(reference.length)
    const largest = Math.max(...reference.map(Math.abs))
    const apart = Math.max(...reference.map((value, index) => Math.abs(value - values[index]!)))
    expect(apart / largest).toBeLessThan(2e-5)
  })

  // RoBERTa's positions begin behind the padding token, of which GGUF keeps no trace.
  const forms = name === 'roberta' ? (['unified'] as const) : (['gguf', 'huggingface', 'unified'] as const)
  test.each(forms)('computes the same to the last bit as %s', async (form) => {
    const converted = await convert(open, form, { pre: 'gpt-2' })
    expect(await computed(converted.open, tokens)).toEqual(await computed(open, tokens))
    if (form === 'gguf') {
      const back = await convert(converted.open, 'huggingface')
      expect(await digests((await convert(back.open, 'gguf', { pre: 'gpt-2' })).open)).toEqual(await digests(converted.open))
    }
  })
})
