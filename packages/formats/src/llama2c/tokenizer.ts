// The tokenizer file of llama2.c (`tokenizer.bin`, tokenizer.py export): the longest token's length, then score and bytes of each token.
import type { ByteSource } from '@fs/core'
import { fail } from '../errors.ts'

export type Llama2cTokenizer = {
  readonly maxTokenLength: number
  /** Bytes of each token by id, spaces in place of SentencePiece's mark. */
  readonly tokens: readonly Uint8Array[]
  readonly scores: Float32Array
}

/** A vocabulary of a quarter of a million tokens has some 4 MB. */
const MAX_BYTES = 64 * 1024 * 1024

/**
 * Reads the whole of `source`.
 * @throws FsError llama2c/tokenizer
 */
export async function readLlama2cTokenizer(source: ByteSource): Promise<Llama2cTokenizer> {
  const file = source.name
  if (source.size < 4 || source.size > MAX_BYTES) throw damaged(file, `it has ${source.size} bytes`)
  const bytes = await source.read(0, source.size)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const maxTokenLength = view.getUint32(0, true)
  const tokens: Uint8Array[] = []
  const scores: number[] = []
  for (let at = 4; at < bytes.length; ) {
    if (at + 8 > bytes.length) throw damaged(file, `it ends inside token ${tokens.length}`)
    const length = view.getUint32(at + 4, true)
    if (length > maxTokenLength || length > bytes.length - at - 8) throw damaged(file, `token ${tokens.length} has ${length} bytes`)
    scores.push(view.getFloat32(at, true))
    tokens.push(bytes.slice(at + 8, at + 8 + length))
    at += 8 + length
  }
  return { maxTokenLength, tokens, scores: Float32Array.from(scores) }
}

function damaged(file: string, what: string) {
  return fail('llama2c/tokenizer', `${file} is no llama2.c tokenizer: ${what}`, { file })
}
