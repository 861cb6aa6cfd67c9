// The lengths a graph is built for, held against one another and against the model.
import type { DecoderSpec } from '@fs/arch'
import { litertlmError } from '../errors.ts'
import type { TfliteOptions } from './tflite-plan.ts'

/** What 32-bit signed offsets of a flatbuffer reach. */
const INLINE_LIMIT = 2 ** 31 - 1

/** The lengths litert-torch and litert-lm-cli prefill by. */
const USUAL_PREFILL_LENGTHS = [8, 64, 128, 256, 512, 1024] as const

/** The usual lengths, as far as the cache holds them; of a very short cache, its own length. */
export function defaultPrefillLengths(cacheLength: number): readonly number[] {
  const fitting = USUAL_PREFILL_LENGTHS.filter((length) => length <= cacheLength)
  return fitting.length > 0 ? fitting : [cacheLength]
}

/** @throws FsError `litertlm/options` */
export function checkOptions(spec: DecoderSpec, { cacheLength, prefillLengths }: TfliteOptions): void {
  if (!Number.isSafeInteger(cacheLength) || cacheLength < 1 || cacheLength > spec.contextLength) {
    const message = `a cache of ${cacheLength} positions does not suit a model of ${spec.contextLength}; choose a length from 1 to ${spec.contextLength}`
    throw litertlmError('litertlm/options', message, { cacheLength, contextLength: spec.contextLength })
  }
  if (prefillLengths.length === 0) throw litertlmError('litertlm/options', 'a model needs at least one prefill length; name one', {})
  const wrong = prefillLengths.find((length) => !Number.isSafeInteger(length) || length < 1 || length > cacheLength)
  if (wrong === undefined) return
  const message = `prefilling ${wrong} tokens at once does not suit a cache of ${cacheLength}; choose lengths from 1 to ${cacheLength}`
  throw litertlmError('litertlm/options', message, { prefillLength: wrong, cacheLength })
}

/** @throws FsError `litertlm/options` when offsets within the flatbuffer cannot reach its weights */
export function checkSize(byteLength: number): void {
  if (byteLength <= INLINE_LIMIT) return
  const message = `weights inside the flatbuffer would make it ${byteLength} bytes, past the ${INLINE_LIMIT} it can address; keep them outside`
  throw litertlmError('litertlm/options', message, { byteLength })
}
