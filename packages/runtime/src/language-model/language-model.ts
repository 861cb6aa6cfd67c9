// A `LanguageModel` over a session: which tokens of which sequences go into which call, and what is remembered between calls.
// The graph is made in `@fs/onnx`, the session in a backend.
import type { LanguageModel, SequenceInput } from '@fs/core'
import type { InferenceSession, TensorConstructor } from 'onnxruntime-common'
import type { CacheStore } from '../cache/cache-store.ts'
import { runtimeError } from '../errors.ts'
import { createQueue } from '../queue.ts'
import { checkFinite } from '../token-checks.ts'
import type { DecoderInterface } from './decoder-interface.ts'
import { checkBatch, checkInput } from './input-checks.ts'
import { decoderRunner } from './run-decoder.ts'
import { type CachedSequence, createSequence } from './sequence.ts'

export type LanguageModelParts = {
  readonly session: InferenceSession
  readonly decoder: DecoderInterface
  readonly store: CacheStore
  readonly Tensor: TensorConstructor
  readonly contextLength: number
  /** Most query heads of any layer: what attention scores take grows with it. */
  readonly heads: number
  /** See `rotary-boundary.ts`. */
  readonly rotaryBoundary: number | null
}

/** Most tokens of a prompt that are computed in one call. */
const CHUNK_TOKENS = 512
/** Attention scores of one call, [heads, tokens, total], stay below this many numbers; a longer context gets smaller chunks. */
const MOST_SCORES = 1 << 26

export function createLanguageModel(parts: LanguageModelParts): LanguageModel {
  const { session, decoder, store, contextLength, heads, rotaryBoundary: boundary } = parts
  const { vocabularySize } = decoder
  const limits = { vocabularySize, contextLength }
  const owner = {}
  const queue = createQueue()
  const run = decoderRunner(session, decoder, store, parts.Tensor)
  const sequences = new Set<CachedSequence>()
  let disposed = false

  const assertUsable = (): void => {
    if (disposed) throw runtimeError('runtime/disposed', 'this model was disposed; open it again', {})
  }

  /** Drops what of a sequence's cache no longer counts once it has `total` tokens. @returns how many tokens are still cached */
  const settleCache = (sequence: CachedSequence, total: number): number => {
    const fits = boundary === null || sequence.computedAtLength > boundary === total > boundary
    sequence.cachedLength = store.cut(sequence.row, fits ? sequence.cachedLength : 0)
    return sequence.cachedLength
  }

  /** Appends tokens to one sequence, in chunks. */
  const append = async ({ sequence, tokens: added }: Checked, positions: 'all' | 'last'): Promise<Float32Array> => {
    const total = sequence.tokens.length + added.length
    const cached = settleCache(sequence, total)
    const tokens = [...sequence.tokens.slice(cached), ...added]
    const wantedFrom = positions === 'all' ? tokens.length - added.length : tokens.length - 1
    const result = new Float32Array((tokens.length - wantedFrom) * vocabularySize)
    // A graph that gives logits of the last position only is asked for each position by itself.
    const most = positions === 'all' && decoder.logits === 'last' ? 1 : CHUNK_TOKENS
    const chunk = Math.max(1, Math.min(most, Math.floor(MOST_SCORES / (heads * total))))
    for (let start = 0; start < tokens.length; start += chunk) {
      const end = Math.min(start + chunk, tokens.length)
      const firstLogit = Math.min(Math.max(wantedFrom - start, 0), end - start - 1)
      const rows = await run([{ row: sequence.row, cached: cached + start, tokens: tokens.slice(start, end), total }], firstLogit)
      if (end > wantedFrom) result.set(rows.get(sequence.row)!, (start + firstLogit - wantedFrom) * vocabularySize)
    }
    checkFinite(result)
    sequence.append(added)
    return result
  }

  /** One token for each of several sequences, in one call. */
  const advance = async (batch: readonly Checked[]): Promise<readonly Float32Array[]> => {
    const rows = await run(
      batch.map(({ sequence, tokens }) => {
        const cached = sequence.tokens.length
        return { row: sequence.row, cached, tokens, total: cached + 1 }
      }),
      0,
    )
    const results = batch.map(({ sequence }) => rows.get(sequence.row)!)
    for (const logits of results) checkFinite(logits)
    for (const { sequence, tokens } of batch) sequence.append(tokens)
    return results
  }

  /** Sequences that get one token, and whose cache is as long as they are, run together; the others one by one. */
  const stepBatch = async (batch: readonly Checked[]): Promise<readonly Float32Array[]> => {
    const results = new Map<CachedSequence, Float32Array>()
    const together = batch.filter(
      ({ sequence, tokens }) => tokens.length === 1 && settleCache(sequence, sequence.tokens.length + 1) === sequence.tokens.length,
    )
    for (const input of batch) {
      if (!together.includes(input)) results.set(input.sequence, await append(input, 'last'))
    }
    for (let start = 0; start < together.length; start += store.batchLimit) {
      const group = together.slice(start, start + store.batchLimit)
      for (const [index, logits] of (await advance(group)).entries()) results.set(group[index]!.sequence, logits)
    }
    return batch.map(({ sequence }) => results.get(sequence)!)
  }

  return {
    vocabularySize,
    contextLength,
    createSequence: () => {
      assertUsable()
      const sequence = createSequence(store, owner, () => sequences.delete(sequence))
      sequences.add(sequence)
      return sequence
    },
    prefill: (input, positions) =>
      queue(async () => {
        assertUsable()
        return append({ sequence: checkInput(input, owner, limits), tokens: input.tokens }, positions)
      }),
    step: (batch) =>
      queue(async () => {
        assertUsable()
        const own = checkBatch(batch, owner, limits)
        const lengths = own.map((sequence) => sequence.tokens.length)
        try {
          return await stepBatch(own.map((sequence, index) => ({ sequence, tokens: batch[index]!.tokens })))
        } catch (error) {
          // All or none: those that had been advanced go back to where they were.
          for (const [index, sequence] of own.entries()) sequence.truncate(lengths[index]!)
          throw error
        }
      }),
    dispose: () =>
      queue(async () => {
        if (disposed) return
        disposed = true
        for (const sequence of sequences) sequence.dispose()
        store.dispose()
        await session.release()
      }),
  }
}

/** Tokens for one of this model's own sequences. */
type Checked = { readonly sequence: CachedSequence; readonly tokens: SequenceInput['tokens'] }
