// SentencePiece's tokenizer.model: what the file says, and a tokenizer from it.

export { PIECE_TYPES, type Piece, type PieceType, readSentencePieceModel, type SentencePieceModel } from './model-file.ts'
export { tokenizerFromSentencePiece } from './tokenizer.ts'
