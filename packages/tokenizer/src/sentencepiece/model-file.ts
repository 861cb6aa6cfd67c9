// Reads SentencePiece's tokenizer.model: a protobuf `ModelProto` (`src/sentencepiece_model.proto` of google/sentencepiece).
// It gives what the file says; how text becomes pieces is in `tokenizer.ts`.
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { FsError } from '@fs/core'
import { fail } from '../errors.ts'
import { LONGEST_TOKEN, MOST_TOKENS } from '../limits.ts'

/** Piece types by their number in the file, which GGUF's `token_type` shares. */
export const PIECE_TYPES = { NORMAL: 1, UNKNOWN: 2, CONTROL: 3, USER_DEFINED: 4, UNUSED: 5, BYTE: 6 } as const
export type PieceType = (typeof PIECE_TYPES)[keyof typeof PIECE_TYPES]

export type Piece = { readonly text: string; readonly score: number; readonly type: PieceType }

export type SentencePieceModel = {
  readonly pieces: readonly Piece[]
  readonly algorithm: 'unigram' | 'bpe'
  readonly byteFallback: boolean
  readonly treatWhitespaceAsSuffix: boolean
  /** -1 where there is none. */
  readonly unkId: number
  readonly bosId: number
  readonly eosId: number
  readonly padId: number
  readonly precompiledCharsmap: Uint8Array
  readonly addDummyPrefix: boolean
  readonly removeExtraWhitespaces: boolean
  readonly escapeWhitespaces: boolean
}

type Fields = { readonly [field: number]: (reader: BinaryReader, wireType: WireType) => void }

/** Calls the reader of each known field and skips the others; the message must end where its bytes do. */
function readMessage(bytes: Uint8Array, fields: Fields): void {
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    const read = fields[field]
    if (read === undefined) reader.skip(wireType, field)
    else read(reader, wireType)
  }
  if (reader.pos !== reader.len) throw new RangeError('premature end')
}

/** @throws when a known field has another type than the format says; caught below. */
const expecting =
  (expected: WireType, read: (reader: BinaryReader) => void) =>
  (reader: BinaryReader, wireType: WireType): void => {
    if (wireType !== expected) throw new RangeError(`a field has wire type ${wireType} instead of ${expected}`)
    read(reader)
  }

function readPiece(bytes: Uint8Array, index: number, file: string): Piece {
  let [text, score, type] = ['', 0, PIECE_TYPES.NORMAL as number]
  readMessage(bytes, {
    1: expecting(WireType.LengthDelimited, (reader) => {
      text = reader.string(true)
    }),
    2: expecting(WireType.Bit32, (reader) => {
      score = reader.float()
    }),
    3: expecting(WireType.Varint, (reader) => {
      type = reader.int32()
    }),
  })
  if (text === '' || text.length > LONGEST_TOKEN || !Number.isFinite(score) || type < 1 || type > 6) {
    throw fail(
      'tokenizer/malformed',
      `${file}: piece ${index} has no text or an endless one, no finite score, or an unknown type (${type})`,
      {
        index,
        type,
      },
    )
  }
  return { text, score, type: type as PieceType }
}

const ALGORITHMS: { readonly [model: number]: SentencePieceModel['algorithm'] } = { 1: 'unigram', 2: 'bpe' }

/**
 * Reads a model file.
 * @param file its name, for messages.
 * @throws FsError when the bytes are not a SentencePiece model, or its algorithm is neither BPE nor unigram.
 */
export function readSentencePieceModel(bytes: Uint8Array, file = 'tokenizer.model'): SentencePieceModel {
  const pieces: Piece[] = []
  let algorithm = 1
  const flags = {
    byteFallback: false,
    treatWhitespaceAsSuffix: false,
    addDummyPrefix: true,
    removeExtraWhitespaces: true,
    escapeWhitespaces: true,
  }
  const ids = { unkId: 0, bosId: 1, eosId: 2, padId: -1 }
  let precompiledCharsmap = new Uint8Array()
  const flag = (name: keyof typeof flags) =>
    expecting(WireType.Varint, (reader) => {
      flags[name] = reader.bool()
    })
  const id = (name: keyof typeof ids) =>
    expecting(WireType.Varint, (reader) => {
      ids[name] = reader.int32()
    })
  const message = (fields: Fields) => expecting(WireType.LengthDelimited, (reader) => readMessage(reader.bytes(), fields))
  try {
    readMessage(bytes, {
      1: expecting(WireType.LengthDelimited, (reader) => {
        if (pieces.length >= MOST_TOKENS) throw fail('tokenizer/too-large', `${file}: has more than ${MOST_TOKENS} pieces`, { file })
        pieces.push(readPiece(reader.bytes(), pieces.length, file))
      }),
      2: message({
        3: expecting(WireType.Varint, (reader) => {
          algorithm = reader.int32()
        }),
        24: flag('treatWhitespaceAsSuffix'),
        35: flag('byteFallback'),
        40: id('unkId'),
        41: id('bosId'),
        42: id('eosId'),
        43: id('padId'),
      }),
      3: message({
        2: expecting(WireType.LengthDelimited, (reader) => {
          precompiledCharsmap = new Uint8Array(reader.bytes())
        }),
        3: flag('addDummyPrefix'),
        4: flag('removeExtraWhitespaces'),
        5: flag('escapeWhitespaces'),
      }),
    })
  } catch (cause) {
    if (FsError.is(cause)) throw cause
    throw fail(
      'tokenizer/malformed',
      `${file} is not a SentencePiece model (${(cause as Error).message}); download it again`,
      { file },
      cause,
    )
  }
  if (pieces.length === 0) throw fail('tokenizer/malformed', `${file} is not a SentencePiece model: it has no pieces`, { file })
  const known = ALGORITHMS[algorithm]
  if (known === undefined) {
    throw fail(
      'tokenizer/unsupported',
      `${file}: SentencePiece's word and character models are not implemented (model_type ${algorithm})`,
      { algorithm },
    )
  }
  const unknown = pieces.findIndex((piece) => piece.type === PIECE_TYPES.UNKNOWN)
  return { pieces, algorithm: known, ...flags, ...ids, unkId: unknown, precompiledCharsmap }
}
