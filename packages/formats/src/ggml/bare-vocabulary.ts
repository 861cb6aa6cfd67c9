// A vocabulary without container, as llama.cpp's tests used in March 2023: a count, then length, bytes and score of
// each token. It has no magic, so it is recognised by making sense.
import type { ByteSource } from '@fs/core'
import { fail } from '../errors.ts'
import { HeaderCursor } from '../header-cursor.ts'
import { readVocabulary, type Vocabulary } from './vocabulary.ts'

/** No vocabulary is larger. */
const MAX_COUNT = 2 ** 20
/** The first tokens are special ones and single bytes. */
const MAX_EARLY_TOKEN = 32
/** So many tokens in a row have to make sense. */
const ENOUGH_TOKENS = 32

/** Whether a file that starts with `head` can be one. */
export function looksLikeBareVocabulary(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  if (head.length < 4 || view.getUint32(0, true) < ENOUGH_TOKENS || view.getUint32(0, true) > MAX_COUNT) return false
  let tokens = 0
  for (let at = 4; at + 4 <= head.length && tokens < ENOUGH_TOKENS; tokens++) {
    const length = view.getUint32(at, true)
    if (length > MAX_EARLY_TOKEN) return false
    at += 4 + length + 4
  }
  return tokens === ENOUGH_TOKENS
}

/**
 * Reads the whole of `source`, which stays open.
 * @throws FsError ggml/vocabulary, ggml/truncated
 */
export async function readBareVocabulary(source: ByteSource): Promise<Vocabulary> {
  const cursor = new HeaderCursor(source, { truncated: 'ggml/truncated', limit: 'ggml/limit' })
  await cursor.fill(4, 'the size of its vocabulary')
  const vocabulary = await readVocabulary(cursor, cursor.u32(), false, true)
  if (cursor.remaining === 0) return vocabulary
  throw fail('ggml/vocabulary', `${source.name} goes on for ${cursor.remaining} bytes after its vocabulary`, {
    file: source.name,
    extra: cursor.remaining,
  })
}
