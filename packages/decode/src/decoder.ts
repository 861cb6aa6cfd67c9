// Runs completions on one model, together: prompts are read in pieces between steps, completions join and leave at any step, and what
// one of them writes depends on nothing but its own prompt and settings. Calls to the model never overlap.
import type { LanguageModel, Sequence } from '@fs/core'
import { checkVocabulary, type Prompt, promptTokens, type TextCodec } from './codec.ts'
import { checkConfig, type DecodingConfig, GREEDY } from './config.ts'
import { fail } from './errors.ts'
import { partQueue } from './part-queue.ts'
import type { Completed, StreamPart } from './result.ts'
import { createSlot, type Slot } from './slot.ts'

export type DecodeRequest = {
  readonly prompt: Prompt
  /** Greedy unless given. */
  readonly config?: DecodingConfig
  /** Ends the completion; the stream or promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal
  /**
   * A sequence to write to: what it shares with the prompt is not computed again, and it is left open for the next turn, holding what
   * the model has read. Not to be used elsewhere meanwhile. Without one, a new one is made and freed.
   */
  readonly sequence?: Sequence
}

export type DecoderOptions = {
  /** Most completions that run together; others wait. Default 8. */
  readonly maxSequences?: number
  /** Most prompt tokens read at once, so that a long prompt does not hold up the others. Default 512. */
  readonly prefillChunk?: number
}

export type Decoder = {
  /**
   * Writes one completion, part by part. Work starts at the first `next`. Leaving the loop ends the completion.
   * @throws FsError `decode/*` before any work for settings and prompts that can not be; the model's own errors
   */
  stream(request: DecodeRequest): AsyncGenerator<StreamPart, void, undefined>
  /** Writes one completion to its end. */
  complete(request: DecodeRequest): Promise<Completed>
  /** Ends every completion with `decode/closed`. The model stays open. */
  close(): void
}

/** @throws FsError `decode/vocabulary-mismatch` when the tokenizer can not be the model's */
export function createDecoder(model: LanguageModel, codec: TextCodec, options: DecoderOptions = {}): Decoder {
  const { maxSequences = 8, prefillChunk = 512 } = options
  checkVocabulary(codec, model)
  const waiting: Slot[] = []
  const active: Slot[] = []
  let running = false
  let closed = false

  /**
   * Ends a slot with an error, or with the end of its completion. Only `run` calls this, so no sequence is freed while the model reads
   * it.
   */
  const settle = (slot: Slot, error?: unknown) => {
    for (const list of [waiting, active]) if (list.includes(slot)) list.splice(list.indexOf(slot), 1)
    slot.queue.end(error)
    slot.release()
  }

  const run = async () => {
    running = true
    try {
      while (waiting.length + active.length > 0) {
        for (const slot of [...waiting, ...active]) if (slot.cancelled) settle(slot)
        while (active.length < maxSequences && waiting.length > 0) active.push(waiting.shift()!)
        await advanceAll(model, active, prefillChunk, settle)
      }
    } catch (error) {
      // A model that can not free a sequence is beyond repair: nobody may wait for it for ever.
      for (const slot of [...waiting.splice(0), ...active.splice(0)]) {
        slot.queue.end(error)
        slot.abandon()
      }
    } finally {
      running = false
    }
  }

  async function* stream({ signal, ...request }: DecodeRequest): AsyncGenerator<StreamPart, void, undefined> {
    signal?.throwIfAborted()
    if (closed) throw fail('decode/closed', 'the decoder is closed; make another')
    const config = request.config ?? GREEDY
    checkConfig(config, model.vocabularySize)
    const tokens = promptTokens(request.prompt, codec, model)
    const slot = createSlot(model, codec, { ...request, config, tokens, queue: partQueue<StreamPart>() })
    const abort = () => {
      slot.queue.end(signal?.reason)
      slot.cancel()
    }
    signal?.addEventListener('abort', abort)
    waiting.push(slot)
    if (!running) run()
    try {
      yield* slot.queue.parts()
    } finally {
      signal?.removeEventListener('abort', abort)
      slot.cancel()
      await slot.released
    }
  }

  return {
    stream,
    async complete(request) {
      for await (const part of stream(request)) if (part.type === 'finish') return part.completed
      throw fail('decode/closed', 'the decoder was closed before the completion was finished')
    },
    close() {
      closed = true
      for (const slot of [...waiting, ...active]) {
        slot.queue.end(fail('decode/closed', 'the decoder was closed before the completion was finished'))
        slot.cancel()
      }
    },
  }
}

/**
 * One round, which never throws: each slot that still reads its prompt reads a piece, each with a guess checks it, all others take one
 * step together.
 */
async function advanceAll(
  model: LanguageModel,
  active: readonly Slot[],
  prefillChunk: number,
  settle: (slot: Slot, error?: unknown) => void,
): Promise<void> {
  const stepping: Slot[] = []
  for (const slot of [...active]) {
    const alone = slot.plan(prefillChunk)
    if (alone === undefined) stepping.push(slot)
    else
      await guarded(slot, settle, async () =>
        alone.take(await model.prefill({ sequence: slot.sequence, tokens: alone.tokens }, alone.logits)),
      )
  }
  const together = stepping.filter((slot) => active.includes(slot))
  if (together.length === 0) return
  try {
    const rows = await step(model, together)
    for (const [index, slot] of together.entries()) await guarded(slot, settle, async () => slot.take(rows[index]!))
  } catch (error) {
    if (together.length === 1) return settle(together[0]!, error)
    // A model changes no sequence in a call that fails, so one that spoils the step for all is found by stepping alone.
    for (const slot of together) await guarded(slot, settle, async () => slot.take((await step(model, [slot]))[0]!))
  }
}

function step(model: LanguageModel, slots: readonly Slot[]): Promise<readonly Float32Array[]> {
  return model.step(slots.map((slot) => ({ sequence: slot.sequence, tokens: [slot.nextToken] })))
}

async function guarded(slot: Slot, settle: (slot: Slot, error?: unknown) => void, work: () => Promise<void>): Promise<void> {
  try {
    await work()
    if (slot.finished) settle(slot)
  } catch (error) {
    settle(slot, error)
  }
}
