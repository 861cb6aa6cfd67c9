// The tokens of a folder whose vocabulary is a SentencePiece file: its pieces, and what the JSON files beside it add to them.
// Order and types as llama.cpp's converter has them, since a GGUF vocabulary is written from the same rows.
import { fail } from '../errors.js';
import { readJson } from '../huggingface/reader.js';
import { looksSpecial } from '../huggingface/vocabulary.js';
import { MOST_TOKENS } from '../limits.js';
import { PIECE_TYPES } from './model-file.js';
/** Score of tokens that were not trained (`_create_vocab_sentencepiece`, conversion/base.py). */
export const ADDED_SCORE = -1000;
/** added_tokens.json first, then tokenizer_config.json's table, which has the last word. */
export function readAddedPieces(files) {
    const added = [];
    const checked = (id, place) => {
        if (!Number.isInteger(id) || id < 0 || id >= MOST_TOKENS) {
            throw fail('tokenizer/id-out-of-range', `${place.where}: ${id} is not a token id; ids are integers from 0 to ${MOST_TOKENS - 1}`, {
                id,
            });
        }
        return id;
    };
    if (files.addedTokens !== undefined) {
        const table = readJson(files.addedTokens, 'added_tokens.json');
        for (const text of Object.keys(table.object())) {
            added.push({ id: checked(table.field(text).number(), table), text, special: false, from: 'added_tokens.json' });
        }
    }
    const config = files.tokenizerConfig === undefined ? undefined : readJson(files.tokenizerConfig, 'tokenizer_config.json');
    const table = config?.optional('added_tokens_decoder');
    for (const key of table === undefined ? [] : Object.keys(table.object())) {
        const row = table.field(key);
        const id = checked(/^\d+$/.test(key) ? Number(key) : -1, table);
        const special = row.optional('special')?.boolean() ?? false;
        added.push({ id, text: row.field('content').string(), special, from: 'tokenizer_config.json' });
    }
    return added;
}
/** The piece an added token becomes: only tokenizer_config.json can make it control, and a user's token has spaces for `▁`. */
export function addedPiece(added) {
    const control = added.from === 'tokenizer_config.json' && (added.special || looksSpecial(added.text));
    const type = control ? PIECE_TYPES.CONTROL : PIECE_TYPES.USER_DEFINED;
    const text = control || added.from === 'added_tokens.json' ? added.text : added.text.replaceAll('▁', ' ');
    return { text, score: ADDED_SCORE, type };
}
/** Pieces by id with the added ones over them, the last row winning; holes where neither has an id. */
export function mergedPieces(model, added) {
    const pieces = [...model.pieces];
    for (const row of added)
        pieces[row.id] = addedPiece(row);
    return Array.from(pieces);
}
//# sourceMappingURL=vocabulary.js.map