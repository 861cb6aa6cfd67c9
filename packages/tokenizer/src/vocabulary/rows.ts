// The tokens of a vocabulary as GGUF stores them: one row for each row of the embedding, with text, type and score.
// How rows come from each kind of file is in the files beside it.
import { fail } from '../errors.ts'
import { TOKEN_TYPES } from '../gguf/read.ts'

export type VocabularyRows = {
  readonly tokens: string[]
  /** Values of {@link TOKEN_TYPES}. */
  readonly types: number[]
  /** Absent for kinds that have none (byte-pair, WordPiece). */
  readonly scores?: number[]
}

/** Score of rows without a token, under SentencePiece kinds (`_create_vocab_sentencepiece`, conversion/base.py). */
const PADDING_SCORE = -10000

/** The row for an id no token has. */
export const paddingToken = (id: number): string => `[PAD${id}]`

/**
 * How many rows to write. Added tokens beyond the embedding are left out, since a model cannot say them (Gemma 3's image token in its text models);
 * trained tokens beyond it mean that the two do not belong together.
 * @param trained how many tokens the vocabulary was trained with.
 * @param all one more than the largest id.
 * @throws FsError when the model has fewer embedding rows than trained tokens.
 */
export function rowCount(trained: number, all: number, rows: number | undefined, file: string): number {
  if (rows === undefined) return all
  if (trained > rows) {
    throw fail(
      'tokenizer/vocabulary-size',
      `${file}: the tokenizer has ${trained} tokens but the model's embedding has ${rows} rows; the tokenizer belongs to another model`,
      { trained, rows },
    )
  }
  return rows
}

/** The sentence about added tokens that {@link rowCount} leaves out. */
export const leftOut = (from: string, text: string, id: number, rows: number): string =>
  `${from}: ${text} (id ${id}) is left out, since the model has ${rows} rows.`

/** Rows filled with padding, to be overwritten. */
export function paddingRows(count: number, scored: boolean): VocabularyRows {
  return {
    tokens: Array.from({ length: count }, (_, id) => paddingToken(id)),
    types: new Array<number>(count).fill(TOKEN_TYPES.UNUSED),
    ...(scored && { scores: new Array<number>(count).fill(PADDING_SCORE) }),
  }
}
