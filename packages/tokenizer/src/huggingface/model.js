// The `model` of a tokenizer.json: BPE, Unigram, WordPiece or WordLevel, made into a subword model.
// Normalizing and cutting into words come before it and are read elsewhere.
import { fail } from '../errors.js';
import { MOST_MERGES } from '../limits.js';
import { byteTokenIds, createBytePairModel } from '../subword/byte-pair.js';
import { chunked } from '../subword/chunked.js';
import { cached } from '../subword/model.js';
import { createPairTable } from '../subword/pair-table.js';
import { createUnigramModel } from '../subword/unigram.js';
import { createWordPieceModel } from '../subword/word-piece.js';
import { quote, readVocabularyList, readVocabularyObject } from './vocabulary.js';
/** @throws FsError for an unknown type, merges of tokens that are not there, or settings that need randomness. */
export function readModel(reader) {
    const type = reader.optional('type')?.string() ?? guessedType(reader);
    switch (type) {
        case 'BPE':
            return readBytePair(reader);
        case 'Unigram':
            return readUnigram(reader);
        case 'WordPiece':
        case 'WordLevel':
            return readWordModel(reader, type);
        default:
            throw fail('tokenizer/unsupported', `${reader.where}: the model "${type}" is not implemented`, { type });
    }
}
/** Files of tokenizers before 0.12 do not name their model (`models/mod.rs` tries each). */
function guessedType(reader) {
    if (reader.optional('merges') !== undefined)
        return 'BPE';
    if (Array.isArray(reader.field('vocab').value))
        return 'Unigram';
    return reader.optional('continuing_subword_prefix') !== undefined ? 'WordPiece' : 'WordLevel';
}
function unknownOf(reader, vocabulary) {
    const field = reader.optional('unk_token');
    if (field === undefined)
        return undefined;
    const id = vocabulary.tokenIds.get(field.string());
    if (id === undefined)
        throw fail('tokenizer/malformed', `${field.where} is ${quote(field.string())}, which the vocabulary does not have`);
    return id;
}
function readBytePair(reader) {
    const vocabulary = readVocabularyObject(reader.field('vocab'));
    const { tokenIds } = vocabulary;
    if ((reader.optional('dropout')?.number() ?? 0) > 0) {
        throw fail('tokenizer/unsupported', `${reader.where}.dropout makes ids random; set it to null, since it is meant for training`);
    }
    const unknownId = unknownOf(reader, vocabulary);
    const pairs = readMerges(reader.field('merges'));
    const continuingPrefix = reader.optional('continuing_subword_prefix')?.string() ?? '';
    const wordSuffix = reader.optional('end_of_word_suffix')?.string() ?? '';
    const byteFallback = reader.optional('byte_fallback')?.boolean() ?? false;
    const ignoreMerges = reader.optional('ignore_merges')?.boolean() ?? false;
    const fuse = reader.optional('fuse_unk')?.boolean() ?? false;
    const symbolOf = (text) => tokenIds.get(text);
    return {
        type: 'BPE',
        vocabulary,
        unknownId,
        merges: pairs,
        byteFallback,
        ignoreMerges,
        build({ byteLevel, whole }, control) {
            const model = createBytePairModel({
                alphabet: byteLevel ? 'bytes' : 'characters',
                symbolOf,
                merges: resolveMerges(pairs, tokenIds, { prefix: continuingPrefix, control, where: reader.where }),
                ...(ignoreMerges && { wholeWords: (text) => allowed(tokenIds.get(text), control) }),
                continuingPrefix,
                wordSuffix,
                ...(byteFallback && { byteFallback: byteTokenIds(symbolOf) }),
                ...(unknownId !== undefined && { unknown: { id: unknownId, fuse } }),
            });
            const cuttable = whole && !byteLevel && !ignoreMerges && continuingPrefix === '' && wordSuffix === '';
            return cuttable ? chunked(cached(model), tokenIds.keys(), fuse ? (unknownId ?? -1) : -1) : cached(model);
        },
    };
}
/** Merges as `["a", "b"]` or, before tokenizers 0.20, as `"a b"`. */
function readMerges(reader) {
    const rows = reader.value;
    if (!Array.isArray(rows) || rows.length > MOST_MERGES)
        throw reader.malformed(`a list of at most ${MOST_MERGES} merges`);
    return rows.map((row, index) => {
        const parts = typeof row === 'string' ? row.split(' ') : row;
        if (Array.isArray(parts) && parts.length === 2 && typeof parts[0] === 'string' && typeof parts[1] === 'string')
            return [parts[0], parts[1]];
        throw fail('tokenizer/bad-merge', `${reader.where}[${index}] should be two tokens`, { index });
    });
}
const allowed = (id, control) => (id === undefined || control.has(id) ? undefined : id);
function withoutControl(tokenIds, control) {
    return new Map([...tokenIds].filter(([, id]) => !control.has(id)));
}
function resolveMerges(pairs, tokenIds, { prefix, control, where }) {
    const ranks = createPairTable(pairs.length);
    const results = new Int32Array(pairs.length);
    pairs.forEach(([left, right], rank) => {
        const joined = left + (prefix.length > 0 && right.startsWith(prefix) ? right.slice(prefix.length) : right);
        const [leftId, rightId, joinedId] = [tokenIds.get(left), tokenIds.get(right), tokenIds.get(joined)];
        if (leftId === undefined || rightId === undefined || joinedId === undefined) {
            const missing = leftId === undefined ? left : rightId === undefined ? right : joined;
            throw fail('tokenizer/bad-merge', `${where}.merges[${rank}] needs the token ${quote(missing)}, which the vocabulary does not have`, {
                rank,
            });
        }
        // Of two equal merges the Rust library keeps the later one's rank; equal merges do not occur in trained files.
        if (!control.has(joinedId))
            ranks.add(leftId, rightId, rank);
        results[rank] = joinedId;
    });
    return { ranks, results };
}
function readUnigram(reader) {
    const { scores, ...vocabulary } = readVocabularyList(reader.field('vocab'));
    const unknownId = reader.optional('unk_id')?.integer(Math.max(0, scores.length - 1));
    const byteFallback = reader.optional('byte_fallback')?.boolean() ?? false;
    return {
        type: 'Unigram',
        vocabulary,
        unknownId,
        merges: [],
        scores,
        byteFallback,
        ignoreMerges: false,
        build: (_, control) => cached(createUnigramModel({
            pieces: vocabulary.tokens.map((token, id) => ({ text: token, id, score: scores[id] })).filter(({ id }) => !control.has(id)),
            unknownId,
            unknownScore: scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY) - 10,
            fuseUnknown: true,
            ...(byteFallback && { byteIds: byteTokenIds((text) => vocabulary.tokenIds.get(text)) }),
        })),
    };
}
function readWordModel(reader, type) {
    const vocabulary = readVocabularyObject(reader.field('vocab'));
    const unknownId = unknownOf(reader, vocabulary);
    const required = () => {
        if (unknownId === undefined)
            throw reader.field('unk_token').malformed('a token of the vocabulary');
        return unknownId;
    };
    return {
        type,
        vocabulary,
        unknownId,
        merges: [],
        byteFallback: false,
        ignoreMerges: false,
        build(_, control) {
            const tokenIds = withoutControl(vocabulary.tokenIds, control);
            if (type === 'WordLevel')
                return { encode: (word, output) => void output.push(tokenIds.get(word) ?? required()) };
            return cached(createWordPieceModel({
                tokenIds,
                continuingPrefix: reader.optional('continuing_subword_prefix')?.string() ?? '##',
                unknownId: required(),
                maxCharacters: reader.optional('max_input_chars_per_word')?.integer(1e6) ?? 100,
            }));
        },
    };
}
//# sourceMappingURL=model.js.map