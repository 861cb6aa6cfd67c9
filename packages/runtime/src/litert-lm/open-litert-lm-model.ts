// Google's LiteRT-LM engine on the CPU, for `.litertlm` bundles. It takes text and gives text: tokenizer, template and sampler are the bundle's,
// so there are no logits to show, and it is no `LanguageModel`.
import type * as Library from '@litert-lm/core'
import { runtimeError } from '../errors.ts'
import { type AnswerOptions, sessionConfig } from './session-config.ts'

export type LiteRtLmOptions = {
  /** The bundle. The engine copies it into its memory, several times while it loads. */
  readonly bundle: Blob
  /** What messages call it. */
  readonly name: string
  /** Most tokens of prompt and answer together; the bundle's own number when absent. */
  readonly contextLength?: number
}

export type ChatMessage = { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }

export type LiteRtLmModel = {
  /** Most tokens of prompt and answer together. */
  readonly contextLength: number
  /**
   * Continues a text as it is, without a template; the bundle's start token is put before it.
   * @throws FsError `runtime/context-overflow`, `runtime/run-failed`, `runtime/disposed`
   */
  complete(prompt: string, options?: AnswerOptions): Promise<string>
  /**
   * The answer to the last of some messages, in the bundle's chat template, as it is written. Leaving the loop early stops the engine.
   *
   * Every answer is computed from the whole chat. The engine can go on from an earlier answer, but then leaves out what the template writes
   * after one (seen with 0.17.1), so that the model reads another chat than it was trained on.
   * @throws FsError `runtime/context-overflow`, `runtime/run-failed`, `runtime/disposed`
   */
  answer(messages: readonly ChatMessage[], options?: AnswerOptions): AsyncGenerator<string, void>
  dispose(): Promise<void>
}

/**
 * @param library `@litert-lm/core`, its engine loaded: by `loadLiteRtLm` of `@fs/runtime/litert-lm/node`, or in a browser by its own `loadLiteRtLm`
 * @throws FsError `runtime/session-failed` when the engine refuses the bundle
 */
export async function openLiteRtLmModel(library: typeof Library, options: LiteRtLmOptions): Promise<LiteRtLmModel> {
  const engine = await openEngine(library, options)
  let disposed = false
  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (disposed) throw runtimeError('runtime/disposed', 'this model was disposed; open it again', {})
    try {
      return await work()
    } catch (cause) {
      throw runFailed(options.name, cause)
    }
  }
  return {
    contextLength: engine.settings.mainExecutorSettings.maxNumTokens,
    complete: (prompt, answer = {}) =>
      guarded(async () => {
        const session = await engine.createSession({ ...sessionConfig(library, answer), applyPromptTemplateInSession: false })
        try {
          await session.runPrefill([prompt])
          const responses = await session.runDecode()
          const [text = ''] = responses.getTexts()
          responses.delete()
          return text
        } finally {
          await session.delete()
        }
      }),
    answer: async function* (messages, answer = {}) {
      const conversation = await guarded(() =>
        engine.createConversation({
          sessionConfig: sessionConfig(library, answer),
          preface: { messages: messages.slice(0, -1).map((message) => ({ ...message })) },
        }),
      )
      try {
        yield* textsOf(conversation.sendMessageStreaming({ ...messages.at(-1)! }))
      } catch (cause) {
        throw runFailed(options.name, cause)
      } finally {
        await conversation.delete()
      }
    },
    dispose: async () => {
      if (disposed) return
      disposed = true
      await engine.delete()
    },
  }
}

async function openEngine(library: typeof Library, { bundle, name, contextLength }: LiteRtLmOptions): Promise<Library.Engine> {
  try {
    return await library.Engine.create({
      model: bundle,
      backend: library.Backend.CPU,
      mainExecutorSettings: {
        samplerBackend: library.Backend.CPU,
        ...(contextLength === undefined ? {} : { maxNumTokens: contextLength }),
      },
    })
  } catch (cause) {
    throw runtimeError('runtime/session-failed', `LiteRT-LM could not load ${name}: ${reasonOf(cause)}`, { name }, cause)
  }
}

async function* textsOf(stream: ReadableStream<Library.Message>): AsyncGenerator<string, void> {
  for await (const { content } of stream) {
    if (typeof content === 'string') yield content
    else for (const part of content ?? []) if (part.type === 'text') yield String(part.text)
  }
}

/** As the engine 0.17.1 says it. */
const TOO_LONG = /exceeding the maximum number of tokens/i

function runFailed(name: string, cause: unknown): Error {
  if (TOO_LONG.test(reasonOf(cause)))
    return runtimeError(
      'runtime/context-overflow',
      `the prompt is longer than ${name} holds; shorten it (${reasonOf(cause)})`,
      { name },
      cause,
    )
  return runtimeError('runtime/run-failed', `LiteRT-LM failed on ${name}: ${reasonOf(cause)}`, { name }, cause)
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause)).trim()
