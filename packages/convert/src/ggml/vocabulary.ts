// The vocabulary of a file of before GGUF: the bytes of every token, with scores for Llama.
// What the bytes stand for is known to its loaders: SentencePiece for Llama, byte-level BPE for the others.
import type { MetadataValue } from '@fs/core'
import type { GgmlLayoutInput } from '@fs/formats/ggml'
import type { Tokenizer } from '@fs/tokenizer'
import { convertError } from '../errors.ts'

type Vocabulary = GgmlLayoutInput['vocabulary']

/** Piece types of SentencePiece, which GGUF's token types share (`enum llama_token_type`). */
const UNKNOWN = 2
const CONTROL = 3
const BYTE = 6

const encoder = new TextEncoder()

/**
 * As llm-rs's LlamaConverter writes SentencePiece's pieces: the unknown token as ` ⁇ `, control tokens empty, bytes as they are, a space for `▁`.
 * @param entries the vocabulary as a GGUF would have it
 * @throws FsError `convert/ggml-vocabulary` for a vocabulary without scores
 */
export function scoredVocabulary(entries: ReadonlyMap<string, MetadataValue>): Vocabulary {
  const tokens = entries.get('tokenizer.ggml.tokens')
  const scores = entries.get('tokenizer.ggml.scores')
  const types = entries.get('tokenizer.ggml.token_type')
  const spaced = entries.get('tokenizer.ggml.model')?.value === 'llama'
  if (!spaced || tokens?.type !== 'ARRAY' || tokens.of !== 'STRING' || scores?.type !== 'ARRAY' || types?.type !== 'ARRAY') {
    throw convertError(
      'convert/ggml-vocabulary',
      'the vocabulary is not SentencePiece’s, and loaders of ggjt files know no other for Llama; write GGUF instead',
      {},
    )
  }
  return {
    tokens: tokens.value.map((token, id) => pieceBytes(token, Number(types.value[id]))),
    scores: Float32Array.from(scores.value as ArrayLike<number>),
  }
}

function pieceBytes(token: string, type: number): Uint8Array {
  switch (type) {
    case UNKNOWN:
      return encoder.encode(' ⁇ ')
    case CONTROL:
      return new Uint8Array()
    case BYTE:
      return Uint8Array.of(Number.parseInt(token.slice(3, 5), 16))
    default:
      return encoder.encode(token.replaceAll('▁', ' '))
  }
}

/**
 * The bytes each token adds to a text in its middle. llm-rs wrote U+FFFD for tokens that are parts of characters, from which no text can be cut
 * again; here the bytes themselves are kept, as ggml's own converters did. Rows without a token are empty.
 */
export function tokenBytes(tokenizer: Tokenizer, rows: number): Vocabulary {
  return { tokens: Array.from({ length: rows }, (_, id) => tokenizer.idToBytes(id) ?? new Uint8Array()) }
}
