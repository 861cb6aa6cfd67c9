// The reference checkpoints written in Meta's form, against what llama.cpp's converter makes of them in Hugging Face's.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Checkpoint, Dtype, MetadataValue } from '@fs/core'
import { memorySource } from '@fs/formats/bytes'
import { openPath } from '@fs/formats/node'
import { layoutSafetensors, readSafetensors } from '@fs/formats/safetensors'
import { describe, expect, test } from 'vitest'
import { converted } from './converted.test-support.ts'

const shared = fileURLToPath(new URL('../../../../../shared/fixtures/models/', import.meta.url))

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^model\.embed_tokens/, 'tok_embeddings'],
  [/^model\.norm/, 'norm'],
  [/^lm_head/, 'output'],
  [/^model\.layers/, 'layers'],
  [/self_attn\.([qkvo])_proj/, 'attention.w$1'],
  [/mlp\.gate_proj/, 'feed_forward.w1'],
  [/mlp\.down_proj/, 'feed_forward.w2'],
  [/mlp\.up_proj/, 'feed_forward.w3'],
  [/input_layernorm/, 'attention_norm'],
  [/post_attention_layernorm/, 'ffn_norm'],
]

/** Rows (half, pair) of each head become (pair, half). */
function interleaved(bytes: Uint8Array, rows: number, heads: number): Uint8Array {
  const [perHead, rowBytes] = [rows / heads, bytes.length / rows]
  const result = new Uint8Array(bytes.length)
  for (let row = 0; row < rows; row++) {
    const within = row % perHead
    const from = row - within + (within % 2) * (perHead / 2) + Math.floor(within / 2)
    result.set(bytes.subarray(from * rowBytes, (from + 1) * rowBytes), row * rowBytes)
  }
  return result
}

/** The checkpoint as Meta would have released it, in memory. */
async function inMetaForm(checkpoint: Checkpoint): Promise<Checkpoint> {
  const config = checkpoint.config as { readonly [key: string]: number }
  const heads: { readonly [letter: string]: number } = { q: config.num_attention_heads!, k: config.num_key_value_heads! }
  const stored = [...checkpoint.tensors.tensors.values()]
  const nameOf = (name: string) => NAMES.reduce((current, [pattern, replacement]) => current.replace(pattern, replacement), name)
  const layout = layoutSafetensors({
    tensors: stored.map(({ name, type, shape }) => ({ name: nameOf(name), dtype: type as Dtype, shape })),
  })
  const file = new Uint8Array(layout.size)
  file.set(layout.header)
  for (const { name, file: source, offset, byteLength, shape } of stored) {
    const bytes = await checkpoint.tensors.files[source]!.read(offset, byteLength)
    const rotated = /self_attn\.([qk])_proj/.exec(name)?.[1]
    const place = layout.tensors.find((tensor) => tensor.name === nameOf(name))!
    file.set(rotated === undefined ? bytes : interleaved(bytes, shape[0]!, heads[rotated]!), place.offset)
  }
  const params: { readonly [key: string]: number } = {
    dim: config.hidden_size!,
    n_layers: config.num_hidden_layers!,
    n_heads: config.num_attention_heads!,
    n_kv_heads: config.num_key_value_heads!,
    norm_eps: config.rms_norm_eps!,
    max_seq_len: config.max_position_embeddings!,
    vocab_size: -1,
  }
  const metadata = new Map<string, MetadataValue>(
    Object.entries(params).map(([key, value]) => [`params.${key}`, { type: 'FLOAT64', value }]),
  )
  const { config: _, ...rest } = checkpoint
  return { ...rest, metadata, tensors: await readSafetensors(memorySource(file, 'meta.safetensors')) }
}

describe.skipIf(!existsSync(shared))('reference checkpoints in Meta’s form (needs ../shared)', () => {
  test.each(['f32', 'bf16', 'q8_0'])('llama-2 as %s equals llama.cpp’s file', async (type) => {
    const reference = JSON.parse(readFileSync(`${shared}llama-2/gguf-reference.json`, 'utf8')).files[type]
    const original = await openPath(`${shared}llama-2`)
    const made = await converted(await inMetaForm(original), type)
    await original.close()
    const digests = Object.entries(made.tensors).map(([name, { type: stored, shape, bytes }]) => {
      return [name, { type: stored, shape: shape.toReversed(), sha256: createHash('sha256').update(bytes).digest('hex') }]
    })
    expect(Object.fromEntries(digests)).toEqual(reference.tensors)
    // The SentencePiece tokenizer is the same file in both worlds.
    expect(made.metadata.get('tokenizer.ggml.model')?.value).toBe('llama')
  })
})
