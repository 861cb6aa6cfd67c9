// From a described decoder to the plan of its TFLite file. It reads no weights.
import type { DecoderSpec } from '@fs/arch'
import { litertlmError } from '../errors.ts'
import type { TfliteOptions, TflitePlan } from './tflite-plan.ts'

/**
 * The file's flatbuffer and where every weight goes. Reads nothing, so sizes and refusals are known before the first byte is written.
 * @throws FsError `litertlm/not-expressible` for a description without a graph, `litertlm/options`
 */
export function planTflite(spec: DecoderSpec, options: TfliteOptions): TflitePlan {
  throw litertlmError('litertlm/not-expressible', 'no decoder can be expressed so far', {
    vocabulary: spec.vocabularySize,
    cacheLength: options.cacheLength,
  })
}
