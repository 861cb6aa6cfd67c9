// Vocabularies of files from before GGUF, which are the bytes of each token and at best a score: llama2.c, ggmf, ggjt, and the older ggml.
// The containers are read by `@fs/formats`; this makes a GGUF vocabulary, or a tokenizer.json, of what they hold.
import type { MetadataValue } from '@fs/core'
import { fail } from '../errors.ts'
import { TOKEN_TYPES } from '../gguf/read.ts'
import { looksSpecial, quote } from '../huggingface/vocabulary.ts'
import { BYTE_CHARACTERS } from '../text/byte-alphabet.ts'
import { strictText } from '../text/utf8.ts'
import { GPT2_SPLIT, jsonFromRankedTokens } from '../tiktoken/ranked.ts'

const BYTE_TOKEN = /^<0x[0-9A-F]{2}>$/
/** Ids of SentencePiece's first tokens in every Llama vocabulary. */
const LLAMA_FIRST = [
  { text: '<unk>', type: TOKEN_TYPES.UNKNOWN },
  { text: '<s>', type: TOKEN_TYPES.CONTROL },
  { text: '</s>', type: TOKEN_TYPES.CONTROL },
] as const
const FIRST_BYTE = LLAMA_FIRST.length

/**
 * The GGUF vocabulary (`tokenizer.ggml.*`) of a Llama vocabulary with scores. Files write a space for `▁`, and a byte token as the byte itself or
 * as `<0x0A>`; the first three tokens are empty, ` ⁇ `, or padded with line feeds.
 * @param file its name, for messages.
 * @throws FsError when the tokens are not SentencePiece's, for want of byte tokens, or are not text.
 */
export function ggufVocabularyFromScoredTokens(
  tokens: readonly Uint8Array[],
  scores: ArrayLike<number>,
  file: string,
): Map<string, MetadataValue> {
  const rows = tokens.map((bytes, id) => readRow(bytes, id, file))
  const bytes = rows.filter(({ type }) => type === TOKEN_TYPES.BYTE).length
  if (bytes !== 256 || scores.length !== tokens.length) {
    throw fail(
      'tokenizer/unsupported',
      `${file}: the vocabulary is not SentencePiece's, which has 256 byte tokens (here ${bytes}) and a score for each token; convert the model from where it was first published`,
      { file, bytes },
    )
  }
  return new Map<string, MetadataValue>([
    ['tokenizer.ggml.model', { type: 'STRING', value: 'llama' }],
    ['tokenizer.ggml.pre', { type: 'STRING', value: 'default' }],
    ['tokenizer.ggml.tokens', { type: 'ARRAY', of: 'STRING', value: rows.map(({ text }) => text) }],
    ['tokenizer.ggml.scores', { type: 'ARRAY', of: 'FLOAT32', value: Array.from(scores) }],
    ['tokenizer.ggml.token_type', { type: 'ARRAY', of: 'INT32', value: rows.map(({ type }) => type) }],
    ['tokenizer.ggml.bos_token_id', { type: 'UINT32', value: 1 }],
    ['tokenizer.ggml.eos_token_id', { type: 'UINT32', value: 2 }],
    ['tokenizer.ggml.unknown_token_id', { type: 'UINT32', value: 0 }],
  ])
}

function readRow(bytes: Uint8Array, id: number, file: string): { readonly text: string; readonly type: number } {
  const first = LLAMA_FIRST[id]
  if (first !== undefined) return first
  const byte = bytes[0]
  if (bytes.length === 1 && byte === id - FIRST_BYTE) {
    return { text: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, type: TOKEN_TYPES.BYTE }
  }
  const text = strictText(bytes)
  if (text === undefined) throw fail('tokenizer/malformed', `${file}: token ${id} is not text`, { file, id })
  return BYTE_TOKEN.test(text) ? { text, type: TOKEN_TYPES.BYTE } : { text: text.replaceAll(' ', '▁'), type: TOKEN_TYPES.NORMAL }
}

/**
 * The tokenizer.json of a byte-level vocabulary without scores or merges (GPT-2, GPT-J, GPT-NeoX, MPT): tokens were learned in the order of
 * their ids, and so merges come back from it.
 * @param split the family's pre-tokenizer in Oniguruma's dialect; most have GPT-2's
 * @throws FsError when a token occurs twice, or single bytes are missing.
 */
export function jsonFromTokenBytes(tokens: readonly Uint8Array[], file: string, split = GPT2_SPLIT): string {
  const spelled = tokens.map((bytes) => Array.from(bytes, (byte) => BYTE_CHARACTERS[byte]).join(''))
  const special = spelled.flatMap((token, id) => (looksSpecial(token) ? [{ id, content: token }] : []))
  const seen = new Set<string>()
  spelled.forEach((token, id) => {
    if (seen.has(token)) throw fail('tokenizer/duplicate-token', `${file}: token ${id} is ${quote(token)} again`, { file, id })
    seen.add(token)
  })
  if (!BYTE_CHARACTERS.every((character) => seen.has(character))) {
    throw fail(
      'tokenizer/unsupported',
      `${file}: the vocabulary is not byte-level, so its merges cannot be recovered; convert the model from where it was first published`,
      { file },
    )
  }
  return jsonFromRankedTokens({ tokens: spelled, special, split, ignoreMerges: false })
}
