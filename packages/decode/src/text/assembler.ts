// From chosen tokens to text that may be shown: whole characters only, nothing of a stop string.
import type { TextCodec } from '../codec.ts'
import { stopScanner } from './stop-strings.ts'

export type TextAssembler = {
  /** @returns text that is now certain, and the stop string that was completed */
  push(token: number): { readonly text: string; readonly stop: string | undefined }
  /** Text held back until the completion ended, for reasons other than a stop string. */
  end(): { readonly text: string; readonly stop: string | undefined }
}

/**
 * How many tokens of the prompt the decoder is shown first. A token's text depends on what is before it: SentencePiece drops the blank
 * of a first word.
 */
const PRIMING = 8

export function textAssembler(codec: TextCodec, promptTokens: readonly number[], stopStrings: readonly string[]): TextAssembler {
  const stream = codec.createDecodeStream({ skipSpecialTokens: true })
  for (const token of promptTokens.slice(-PRIMING)) stream.push(token)
  const scanner = stopScanner(stopStrings)
  return {
    push: (token) => scanner.push(stream.push(token)),
    end: () => {
      const last = scanner.push(stream.end())
      return last.stop === undefined ? { text: last.text + scanner.end(), stop: undefined } : last
    },
  }
}
