// Writes SentencePiece's tokenizer.model, so that scores survive where tokenizer.json has no place for them.
// Field numbers: `src/sentencepiece_model.proto` of google/sentencepiece; reading is in `model-file.ts`.
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { SpecialIds } from '../tokenizer.ts'
import { PIECE_TYPES, type Piece } from './model-file.ts'
import { ADDED_SCORE } from './vocabulary.ts'

/** A SentencePiece vocabulary, from its own file or from a GGUF. */
export type PieceVocabulary = {
  readonly pieces: readonly Piece[]
  readonly algorithm: 'bpe' | 'unigram'
  readonly unknownId: number | undefined
  readonly byteFallback: boolean
  /** Where a space is put: before each section between special tokens, before a text, or nowhere. */
  readonly spacePrefix: 'every section' | 'start' | 'none'
  readonly removeExtraWhitespaces: boolean
  readonly precompiledCharsmap: Uint8Array
}

/** `TrainerSpec.ModelType`. */
const MODEL_TYPES = { unigram: 1, bpe: 2 } as const

/**
 * @returns the file's bytes, or undefined where SentencePiece could not load it: it wants each piece once, with text, and one unknown piece.
 * Padding and added tokens after the last trained piece are left out; whoever reads the file adds them again.
 */
export function writeSentencePieceModel(vocabulary: PieceVocabulary, special: SpecialIds): Uint8Array | undefined {
  const { unknownId } = vocabulary
  const isTrained = (piece: Piece, id: number) =>
    id === unknownId || !(piece.type === PIECE_TYPES.UNUSED || (piece.score === ADDED_SCORE && isAdded(piece)))
  const count = vocabulary.pieces.findLastIndex(isTrained) + 1
  const pieces = vocabulary.pieces.slice(0, count)
  const unique = new Set(pieces.map(({ text }) => text)).size === count && !pieces.some(({ text }) => text === '')
  const unknowns = pieces.filter(({ type }, id) => type === PIECE_TYPES.UNKNOWN || id === unknownId).length
  if (!unique || unknowns !== 1) return undefined
  const writer = new BinaryWriter()
  pieces.forEach((piece, id) => {
    writer.tag(1, WireType.LengthDelimited).bytes(pieceMessage(id === unknownId ? { ...piece, type: PIECE_TYPES.UNKNOWN } : piece))
  })
  writer.tag(2, WireType.LengthDelimited).bytes(trainerMessage(vocabulary, special, count))
  writer.tag(3, WireType.LengthDelimited).bytes(normalizerMessage(vocabulary))
  return writer.finish()
}

const isAdded = ({ type }: Piece): boolean => type === PIECE_TYPES.CONTROL || type === PIECE_TYPES.USER_DEFINED

function pieceMessage({ text, score, type }: Piece): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).string(text).tag(2, WireType.Bit32).float(score)
  if (type !== PIECE_TYPES.NORMAL) writer.tag(3, WireType.Varint).int32(type)
  return writer.finish()
}

function trainerMessage({ algorithm, byteFallback }: PieceVocabulary, special: SpecialIds, count: number): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(3, WireType.Varint).int32(MODEL_TYPES[algorithm])
  writer.tag(4, WireType.Varint).int32(count)
  writer.tag(35, WireType.Varint).bool(byteFallback)
  for (const [field, id] of [
    [40, special.unk],
    [41, special.bos],
    [42, special.eos],
    [43, special.pad],
  ] as const) {
    writer.tag(field, WireType.Varint).int32(id !== undefined && id < count ? id : -1)
  }
  return writer.finish()
}

function normalizerMessage({ precompiledCharsmap, spacePrefix, removeExtraWhitespaces }: PieceVocabulary): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(1, WireType.LengthDelimited).string(precompiledCharsmap.length > 0 ? 'custom' : 'identity')
  if (precompiledCharsmap.length > 0) writer.tag(2, WireType.LengthDelimited).bytes(precompiledCharsmap)
  writer.tag(3, WireType.Varint).bool(spacePrefix !== 'none')
  writer.tag(4, WireType.Varint).bool(removeExtraWhitespaces)
  writer.tag(5, WireType.Varint).bool(true)
  return writer.finish()
}
