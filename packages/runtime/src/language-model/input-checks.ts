// What a caller may ask of a language model, checked before anything is computed.
import type { SequenceInput } from '@fs/core'
import { runtimeError } from '../errors.ts'
import { checkTokens } from '../token-checks.ts'
import type { CachedSequence } from './sequence.ts'

export type Limits = { readonly vocabularySize: number; readonly contextLength: number }

/**
 * The input's sequence as this model's own.
 * @throws FsError `runtime/foreign-sequence`, `runtime/disposed`, `runtime/empty-input`, `runtime/token-out-of-range`, `runtime/context-overflow`
 */
export function checkInput(input: SequenceInput, owner: object, limits: Limits): CachedSequence {
  const sequence = ownSequence(input, owner)
  sequence.assertUsable()
  const { tokens } = input
  checkTokens(tokens, limits.vocabularySize)
  const needed = sequence.tokens.length + tokens.length
  if (needed > limits.contextLength) {
    throw runtimeError(
      'runtime/context-overflow',
      `${sequence.tokens.length} cached and ${tokens.length} new tokens exceed the context of ${limits.contextLength}; shorten the prompt or truncate`,
      { cached: sequence.tokens.length, added: tokens.length, contextLength: limits.contextLength },
    )
  }
  return sequence
}

/** @throws as `checkInput`, and `runtime/repeated-sequence` */
export function checkBatch(batch: readonly SequenceInput[], owner: object, limits: Limits): readonly CachedSequence[] {
  if (batch.length === 0) throw runtimeError('runtime/empty-input', 'the batch has no sequences; give at least one', {})
  const sequences = batch.map((input) => checkInput(input, owner, limits))
  if (new Set(sequences).size !== sequences.length) {
    throw runtimeError('runtime/repeated-sequence', 'one sequence occurs twice in the batch; append its tokens together', {})
  }
  return sequences
}

function ownSequence(input: SequenceInput, owner: object): CachedSequence {
  const sequence = input.sequence as Partial<CachedSequence>
  if (sequence.owner === owner) return sequence as CachedSequence
  throw runtimeError('runtime/foreign-sequence', 'this sequence was made by another model; use createSequence of this one', {})
}
