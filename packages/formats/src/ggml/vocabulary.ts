// The vocabulary of a ggml file: the bytes of each token behind their length, with a score behind each in the later containers.
import { fail } from '../errors.ts'
import type { HeaderCursor } from '../header-cursor.ts'

export type Vocabulary = {
  /** Tokens are bytes: single bytes of byte fallback are not UTF-8. */
  readonly tokens: readonly Uint8Array[]
  /** SentencePiece scores; absent in the oldest container. */
  readonly scores?: Float32Array
}

/** Bytes of one token. The longest of real vocabularies, a row of spaces, has some hundred. */
export const MAX_TOKEN_BYTES = 4096

/**
 * Reads `count` tokens.
 * @param repeated whether the count is written once more, and has to agree
 * @throws FsError ggml/vocabulary, ggml/truncated
 */
export async function readVocabulary(cursor: HeaderCursor, count: number, repeated: boolean, scored: boolean): Promise<Vocabulary> {
  if (repeated) {
    await cursor.fill(4, 'the size of its vocabulary')
    const again = cursor.i32()
    if (again !== count) throw impossible(cursor, `its vocabulary has ${again} tokens; the hyperparameters say ${count}`)
  }
  if (count > cursor.remaining / (scored ? 8 : 4)) throw impossible(cursor, `a vocabulary of ${count} tokens does not fit into the file`)
  const tokens: Uint8Array[] = []
  const scores = new Float32Array(scored ? count : 0)
  for (let index = 0; index < count; index++) {
    if (!cursor.has(4)) await cursor.fill(4, `token ${index}`)
    const length = cursor.u32()
    if (length > MAX_TOKEN_BYTES) throw impossible(cursor, `token ${index} has ${length} bytes`)
    const bytes = length + (scored ? 4 : 0)
    if (!cursor.has(bytes)) await cursor.fill(bytes, `token ${index}`)
    // Copied: a view would keep the whole piece of the file it was read in.
    tokens.push(cursor.take(length).slice())
    if (scored) scores[index] = cursor.f32()
  }
  return scored ? { tokens, scores } : { tokens }
}

function impossible(cursor: HeaderCursor, what: string) {
  return fail('ggml/vocabulary', `${cursor.name}: ${what}; it is damaged, or of another model than assumed`, {
    file: cursor.name,
    offset: cursor.offset,
  })
}
