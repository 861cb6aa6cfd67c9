// A `LanguageModel` over llama.cpp, through node-llama-cpp's prebuilt library: the real consumer of GGUF files.
// It reads the file itself; nothing of `@fs/onnx` or the registry takes part.
import type { LanguageModel, SequenceInput } from '@fs/core'
import type { ControlledEvaluateInputItem, LlamaContextSequence, Token } from 'node-llama-cpp'
import { runtimeError } from '../errors.ts'
import { createQueue } from '../queue.ts'
import { checkFinite, checkTokens } from '../token-checks.ts'

export type LlamaCppOptions = {
  /** A GGUF file; of a split model, its first part. */
  readonly path: string
  /** Most tokens of a sequence. The cache for all sequences is reserved at once. */
  readonly contextLength: number
  /** Most sequences at a time. */
  readonly sequences: number
  /** More than one thread crawls on machines with few cores (measured on two). */
  readonly threads?: number
}

type State = { readonly tokens: number[]; readonly inner: LlamaContextSequence; disposed: boolean }

/**
 * @throws FsError `runtime/engine-missing` when node-llama-cpp is not installed, `runtime/session-failed` when llama.cpp refuses the file
 */
export async function openLlamaCppModel(options: LlamaCppOptions): Promise<LanguageModel> {
  const { contextLength } = options
  const { llama, model, context } = await load(options)
  const states = new WeakMap<object, State>()
  const queue = createQueue()
  let disposed = false
  // The header names no size for every architecture; the vocabulary is what the logits have.
  const vocabularySize = model.fileInfo.metadata.tokenizer.ggml.tokens.length

  const stateOf = ({ sequence, tokens }: SequenceInput): State => {
    if (disposed) throw runtimeError('runtime/disposed', 'this model was disposed; open it again', {})
    const state = states.get(sequence)
    if (state === undefined)
      throw runtimeError('runtime/foreign-sequence', 'this sequence was made by another model; use createSequence of this one', {})
    if (state.disposed) throw runtimeError('runtime/disposed', 'this sequence was disposed; create another one', {})
    checkTokens(tokens, vocabularySize)
    const needed = state.tokens.length + tokens.length
    if (needed > contextLength) {
      throw runtimeError(
        'runtime/context-overflow',
        `${state.tokens.length} cached and ${tokens.length} new tokens exceed the context of ${contextLength}; shorten the prompt or truncate`,
        { cached: state.tokens.length, added: tokens.length, contextLength },
      )
    }
    return state
  }

  const evaluate = async (state: State, added: readonly number[], positions: 'all' | 'last'): Promise<Float32Array> => {
    const { inner, tokens } = state
    if (inner.nextTokenIndex > tokens.length) await inner.eraseContextTokenRanges([{ start: tokens.length, end: inner.nextTokenIndex }])
    const withLogits = (token: number): ControlledEvaluateInputItem => [token as Token, { generateNext: { logits: true } }]
    const input = added.map((token, index) => (positions === 'all' || index === added.length - 1 ? withLogits(token) : (token as Token)))
    const outputs = await inner.controlledEvaluate(input)
    const wanted = positions === 'all' ? outputs : outputs.slice(-1)
    const result = new Float32Array(wanted.length * vocabularySize)
    for (const [row, output] of wanted.entries()) {
      for (const [token, logit] of output!.next.logits!) result[row * vocabularySize + token] = logit
    }
    checkFinite(result)
    tokens.push(...added)
    return result
  }

  return {
    vocabularySize,
    contextLength,
    createSequence: () => {
      if (disposed) throw runtimeError('runtime/disposed', 'this model was disposed; open it again', {})
      if (context.sequencesLeft === 0) {
        throw runtimeError('runtime/too-many-sequences', `all ${options.sequences} sequences are in use; dispose one, or open with more`, {
          sequences: options.sequences,
        })
      }
      const state: State = { tokens: [], inner: context.getSequence(), disposed: false }
      const sequence = {
        tokens: state.tokens,
        truncate: (length: number) => {
          if (state.disposed) throw runtimeError('runtime/disposed', 'this sequence was disposed; create another one', {})
          if (!Number.isInteger(length) || length < 0 || length > state.tokens.length) {
            throw runtimeError('runtime/truncate-length', `cannot cut a sequence of ${state.tokens.length} tokens to ${length}`, { length })
          }
          state.tokens.length = length
        },
        dispose: () => {
          if (state.disposed) return
          state.disposed = true
          state.tokens.length = 0
          state.inner.dispose()
        },
      }
      states.set(sequence, state)
      return sequence
    },
    prefill: (input, positions) => queue(async () => evaluate(stateOf(input), input.tokens, positions)),
    step: (batch) =>
      queue(async () => {
        if (batch.length === 0) throw runtimeError('runtime/empty-input', 'the batch has no sequences; give at least one', {})
        const own = batch.map((input) => ({ state: stateOf(input), tokens: input.tokens }))
        if (new Set(own.map(({ state }) => state)).size !== own.length) {
          throw runtimeError('runtime/repeated-sequence', 'one sequence occurs twice in the batch; append its tokens together', {})
        }
        const lengths = own.map(({ state }) => state.tokens.length)
        try {
          // node-llama-cpp puts evaluations that wait at the same time into one batch.
          return await Promise.all(own.map(({ state, tokens }) => evaluate(state, tokens, 'last')))
        } catch (error) {
          for (const [index, { state }] of own.entries()) state.tokens.length = lengths[index]!
          throw error
        }
      }),
    dispose: () =>
      queue(async () => {
        if (disposed) return
        disposed = true
        await context.dispose()
        await model.dispose()
        await llama.dispose()
      }),
  }
}

async function load(options: LlamaCppOptions) {
  const { path, contextLength, sequences, threads = 1 } = options
  const library = await import('node-llama-cpp').catch((cause: unknown) => {
    throw runtimeError('runtime/engine-missing', 'the llama.cpp engine needs the package node-llama-cpp; install it', {}, cause)
  })
  try {
    // The prebuilt library, never a build of its own; on the CPU, where results do not depend on a graphics card.
    const llama = await library.getLlama({ build: 'never', gpu: false, logLevel: library.LlamaLogLevel.disabled, maxThreads: threads })
    const model = await llama.loadModel({ modelPath: path, gpuLayers: 0 })
    const context = await model.createContext({
      contextSize: contextLength,
      sequences,
      threads,
      // Without it a sliding window forgets what a shared prefix needs.
      swaFullCache: true,
      flashAttention: false,
    })
    return { llama, model, context }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw runtimeError('runtime/session-failed', `llama.cpp could not load ${path}: ${reason}`, { path }, cause)
  }
}
