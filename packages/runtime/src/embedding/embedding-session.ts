// Texts as vectors over an open session: token ids in, one vector for each text or each token out. It knows nothing of text itself.
// Where the session's graph comes from is the caller's business.
import type { InferenceSession } from 'onnxruntime-common'
import type { Backend, Values } from '../backend.ts'
import { runtimeError } from '../errors.ts'
import { createQueue } from '../queue.ts'
import { fetchFloats, runSession } from '../run-session.ts'
import { checkFinite, checkTokens } from '../token-checks.ts'

export type EmbeddingModel = {
  /** Numbers in a text's vector; null where the model does not pool. */
  readonly dimension: number | null
  /** Numbers in a token's vector. */
  readonly hiddenSize: number
  readonly contextLength: number
  /**
   * One vector for each text.
   * @throws FsError `runtime/no-pooling`, `runtime/empty-input`, `runtime/token-out-of-range`, `runtime/context-overflow`,
   * `runtime/not-finite`, `runtime/run-failed`, `runtime/disposed`
   */
  embed(batch: readonly (readonly number[])[]): Promise<readonly Float32Array[]>
  /** Vectors of every token of one text, row-major [tokens, hiddenSize]. Throws as `embed`. */
  tokenVectors(tokens: readonly number[]): Promise<Float32Array>
  dispose(): Promise<void>
}

export type EmbeddingParts = Pick<EmbeddingModel, 'dimension' | 'hiddenSize' | 'contextLength'> & {
  readonly session: InferenceSession
  readonly backend: Backend
  readonly vocabularySize: number
  /** Whether the graph has an input for the type of each token. */
  readonly takesTypes: boolean
}

export function embeddingModel(parts: EmbeddingParts): EmbeddingModel {
  const { session, backend, dimension, hiddenSize, contextLength, vocabularySize, takesTypes } = parts
  const queue = createQueue()
  let disposed = false

  const run = (batch: readonly (readonly number[])[], output: string): Promise<Float32Array> =>
    queue(async () => {
      if (disposed) throw runtimeError('runtime/disposed', 'this model was disposed; open it again', {})
      if (batch.length === 0) throw runtimeError('runtime/empty-input', 'the batch has no texts; give at least one', {})
      for (const tokens of batch) {
        checkTokens(tokens, vocabularySize)
        if (tokens.length > contextLength) {
          throw runtimeError(
            'runtime/context-overflow',
            `a text of ${tokens.length} tokens exceeds the model's context of ${contextLength}; shorten it`,
            { added: tokens.length, contextLength },
          )
        }
      }
      const outputs = await runSession(session, feedsFor(backend, batch, takesTypes), [output])
      const values = await fetchFloats(outputs[output]!)
      checkFinite(values)
      return values
    })

  return {
    dimension,
    hiddenSize,
    contextLength,
    embed: async (batch) => {
      if (dimension === null) {
        throw runtimeError('runtime/no-pooling', 'this model gives a vector for each token, not for a text; ask for token vectors', {})
      }
      const values = await run(batch, 'sentence_embedding')
      const width = values.length / batch.length
      return batch.map((_, row) => values.slice(row * width, (row + 1) * width))
    },
    tokenVectors: (tokens) => run([tokens], 'last_hidden_state'),
    dispose: () =>
      queue(async () => {
        if (disposed) return
        disposed = true
        await session.release()
      }),
  }
}

/** Texts padded on the right to the longest. Every token is of type zero: single texts, no pairs. */
function feedsFor(backend: Backend, batch: readonly (readonly number[])[], hasTypes: boolean): Values {
  const length = batch.reduce((most, tokens) => Math.max(most, tokens.length), 0)
  const ids = new BigInt64Array(batch.length * length)
  const mask = new BigInt64Array(batch.length * length)
  for (const [row, tokens] of batch.entries()) {
    for (const [position, token] of tokens.entries()) ids[row * length + position] = BigInt(token)
    mask.fill(1n, row * length, row * length + tokens.length)
  }
  const tensor = (values: BigInt64Array) => new backend.Tensor('int64', values, [batch.length, length])
  const types = hasTypes ? { token_type_ids: tensor(new BigInt64Array(ids.length)) } : {}
  return { input_ids: tensor(ids), attention_mask: tensor(mask), ...types }
}
