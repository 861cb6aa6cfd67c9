// The everyday calls: one text, many texts, a stream. Each makes a decoder for itself; a server keeps one (`decoder.ts`).
import type { LanguageModel } from '@fs/core'
import type { Prompt, TextCodec } from './codec.ts'
import type { DecodingConfig } from './config.ts'
import { createDecoder, type DecodeRequest, type DecoderOptions } from './decoder.ts'
import type { Completed, StreamPart } from './result.ts'

export type DecodeOptions = Pick<DecodeRequest, 'signal' | 'sequence'>

/** Completes one prompt. @throws FsError `decode/*`; the signal's reason; the model's own errors */
export function decodeText(
  model: LanguageModel,
  codec: TextCodec,
  prompt: Prompt,
  config?: DecodingConfig,
  options: DecodeOptions = {},
): Promise<Completed> {
  return createDecoder(model, codec).complete({ prompt, ...options, ...(config && { config }) })
}

/** Completes one prompt, part by part. Leaving the loop ends the work. */
export function streamText(
  model: LanguageModel,
  codec: TextCodec,
  prompt: Prompt,
  config?: DecodingConfig,
  options: DecodeOptions = {},
): AsyncGenerator<StreamPart, void, undefined> {
  return createDecoder(model, codec).stream({ prompt, ...options, ...(config && { config }) })
}

/**
 * Completes many prompts together; result i is what `decodeText` gives for prompt i, whatever runs beside it. Completions that end
 * early make room. Equal prompts with one seed give equal texts: give requests seeds of their own for different ones.
 * @throws the first error; the others are then ended too
 */
export async function decodeBatch(
  model: LanguageModel,
  codec: TextCodec,
  requests: readonly (Prompt | { readonly prompt: Prompt; readonly config: DecodingConfig })[],
  config?: DecodingConfig,
  options: DecoderOptions & { readonly signal?: AbortSignal } = {},
): Promise<Completed[]> {
  const decoder = createDecoder(model, codec, options)
  try {
    return await Promise.all(
      requests.map((request) => {
        const own = typeof request === 'object' && 'prompt' in request ? request : { prompt: request, ...(config && { config }) }
        return decoder.complete({ ...own, ...(options.signal && { signal: options.signal }) })
      }),
    )
  } finally {
    decoder.close()
  }
}
