// The tokens of a vocabulary as GGUF stores them: one row for each row of the embedding, with text, type and score.
// How rows come from each kind of file is in the files beside it.
import { fail } from '../errors.js';
import { TOKEN_TYPES } from '../gguf/read.js';
/** Score of rows without a token, under SentencePiece kinds (`_create_vocab_sentencepiece`, conversion/base.py). */
export const PADDING_SCORE = -10000;
/** The row for an id no token has. */
export const paddingToken = (id) => `[PAD${id}]`;
/**
 * How many rows to write.
 * @throws FsError when the model has fewer embedding rows than the tokenizer has tokens.
 */
export function rowCount(tokens, rows, file) {
    if (rows === undefined)
        return tokens;
    if (tokens > rows) {
        throw fail('tokenizer/vocabulary-size', `${file}: the tokenizer has ${tokens} tokens but the model's embedding has ${rows} rows; the tokenizer belongs to another model, or was extended without it`, { tokens, rows });
    }
    return rows;
}
/** Rows filled with padding, to be overwritten. */
export function paddingRows(count, scored) {
    return {
        tokens: Array.from({ length: count }, (_, id) => paddingToken(id)),
        types: new Array(count).fill(TOKEN_TYPES.UNUSED),
        ...(scored && { scores: new Array(count).fill(PADDING_SCORE) }),
    };
}
//# sourceMappingURL=rows.js.map