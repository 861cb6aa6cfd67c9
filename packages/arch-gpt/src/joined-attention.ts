// Query, key and value in one matrix, as GPT-NeoX, BLOOM and MPT have them; GGUF has all queries first, then all keys, then all values.
import type { Transform } from '@fs/arch/transforms'
import { type WeightName, weight } from '@fs/arch/weights'

const PARTS = ['layers.{i}.attention.query', 'layers.{i}.attention.key', 'layers.{i}.attention.value'] as const

/** A checkpoint with the three of each head together, head after head (conversion/gptneox.py, bloom.py). */
export function joinedByHead(huggingFace: string, heads: number, hiddenSize: number): WeightName {
  const perHead: readonly Transform[] = [{ kind: 'join-heads', heads, parts: 3 }]
  return joined({ names: huggingFace, store: perHead }, [hiddenSize, hiddenSize, hiddenSize])
}

/** A checkpoint in GGUF's order. @param rows of queries, keys and values */
export function joinedInOrder(huggingFace: string, rows: readonly number[]): WeightName {
  return joined({ names: huggingFace, store: [{ kind: 'join', rows }] }, rows)
}

function joined(huggingFace: { readonly names: string; readonly store: readonly Transform[] }, rows: readonly number[]): WeightName {
  return weight(PARTS, huggingFace, { names: 'blk.{i}.attn_qkv', store: [{ kind: 'join', rows }] })
}
