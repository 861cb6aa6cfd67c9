import { readJson } from '../huggingface/reader.js';
import { quote, readAddedTokens } from '../huggingface/vocabulary.js';
import { PIECE_TYPES } from '../sentencepiece/model-file.js';
import { ADDED_SCORE, addedPiece, readAddedPieces } from '../sentencepiece/vocabulary.js';
import { paddingRows, rowCount } from './rows.js';
/** @returns rows, and a sentence for each token that was left out or replaced a trained one. */
export function rowsFromSentencePiece(model, files, rows, traits) {
    const added = addedRows(files, traits);
    const last = added.reduce((most, { id }) => Math.max(most, id), model.pieces.length - 1);
    // Tokens added beyond the embedding are left out, as a model cannot say them; trained pieces beyond it are a mistake.
    const count = rowCount(model.pieces.length, rows ?? last + 1, 'tokenizer.model');
    const result = paddingRows(count, true);
    const notes = [];
    const put = (id, piece) => {
        result.tokens[id] = piece.text;
        result.types[id] = piece.type;
        result.scores[id] = piece.score;
    };
    model.pieces.forEach((piece, id) => {
        // The C++ library knows only these as what they are; a piece its user defined is an ordinary one to the converter.
        put(id, piece.type === PIECE_TYPES.USER_DEFINED ? { ...piece, type: PIECE_TYPES.NORMAL } : piece);
    });
    for (const row of added) {
        if (row.id >= count) {
            notes.push(`${row.from}: ${quote(row.text)} (id ${row.id}) is left out, since the model has ${count} rows.`);
            continue;
        }
        const before = result.tokens[row.id];
        if (row.id < model.pieces.length && before !== row.piece.text) {
            notes.push(`${row.from}: id ${row.id} is ${quote(row.piece.text)} here and ${quote(before)} in tokenizer.model; the former is written.`);
        }
        put(row.id, row.piece);
    }
    return { ...result, notes };
}
function addedRows(files, traits) {
    const asFlagged = traits.addedTokens === 'tokenizer.json';
    const flagged = (row) => ({
        text: row.text,
        score: ADDED_SCORE,
        type: row.special ? PIECE_TYPES.CONTROL : PIECE_TYPES.USER_DEFINED,
    });
    const rows = readAddedPieces(files).map((row) => ({ ...row, piece: asFlagged ? flagged(row) : addedPiece(row) }));
    if (!asFlagged || files.tokenizerJson === undefined)
        return rows;
    const listed = readAddedTokens(readJson(files.tokenizerJson, 'tokenizer.json').optional('added_tokens'));
    for (const { id, content, special } of listed) {
        const row = { id, text: content, special, from: 'tokenizer.json' };
        rows.push({ ...row, piece: flagged(row) });
    }
    return rows;
}
//# sourceMappingURL=from-sentencepiece.js.map