import { fail } from '../errors.js';
import { MOST_TOKENS } from '../limits.js';
/** @throws FsError when one id has two tokens or one token two ids. */
export function addToken(vocabulary, token, id, where) {
    const { tokens, tokenIds } = vocabulary;
    const before = tokens[id];
    if (before !== undefined && before !== token) {
        throw fail('tokenizer/duplicate-id', `${where}: id ${id} is both ${quote(before)} and ${quote(token)}; the file was edited wrongly`, {
            id,
        });
    }
    const known = tokenIds.get(token);
    if (known !== undefined && known !== id) {
        throw fail('tokenizer/duplicate-token', `${where}: ${quote(token)} has the ids ${known} and ${id}; the file was edited wrongly`, {
            id,
            known,
        });
    }
    tokens[id] = token;
    tokenIds.set(token, id);
}
export const quote = (token) => JSON.stringify(token.length > 60 ? `${token.slice(0, 60)}…` : token);
const empty = () => ({ tokens: [], tokenIds: new Map() });
/** `{"token": id, …}` of BPE, WordPiece and WordLevel. */
export function readVocabularyObject(reader) {
    const vocabulary = empty();
    const object = reader.object();
    // `for … in` over 262 144 own keys, without an array of entries; JSON.parse makes `__proto__` an own key like any other.
    for (const token in object) {
        const id = object[token];
        if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= MOST_TOKENS) {
            throw fail('tokenizer/id-out-of-range', `${reader.where}: ${quote(token)} has the id ${JSON.stringify(id)}; ids are integers from 0 to ${MOST_TOKENS - 1}`);
        }
        addToken(vocabulary, token, id, reader.where);
    }
    return vocabulary;
}
/** `[["token", score], …]` of Unigram; ids are positions. */
export function readVocabularyList(reader) {
    const rows = reader.value;
    if (!Array.isArray(rows) || rows.length > MOST_TOKENS)
        throw reader.malformed(`a list of at most ${MOST_TOKENS} tokens`);
    const vocabulary = empty();
    const scores = new Float64Array(rows.length);
    rows.forEach((row, id) => {
        const [token, score] = Array.isArray(row) ? row : [];
        if (typeof token !== 'string' || typeof score !== 'number' || !Number.isFinite(score)) {
            throw fail('tokenizer/malformed', `${reader.where}[${id}] should be a token and its score`, { id });
        }
        addToken(vocabulary, token, id, reader.where);
        scores[id] = score;
    });
    return { ...vocabulary, scores };
}
export function readAddedTokens(reader) {
    return (reader?.list(MOST_TOKENS) ?? []).map((row) => readAddedToken(row, row.field('id').integer(MOST_TOKENS - 1)));
}
/** @param id for tables where the id is the key. */
export function readAddedToken(row, id) {
    const flag = (name, otherwise) => row.optional(name)?.boolean() ?? otherwise;
    const special = flag('special', false);
    return {
        id,
        content: row.field('content').string(),
        singleWord: flag('single_word', false),
        leftStrip: flag('lstrip', false),
        rightStrip: flag('rstrip', false),
        normalized: flag('normalized', !special),
        special,
    };
}
/**
 * Tokens that llama.cpp's converter takes for control tokens although their file does not say so (`does_token_look_special`, conversion/base.py):
 * command-r, deepseek-coder and Gemma mark some as ordinary.
 */
export function looksSpecial(token) {
    return (['<pad>', '<mask>', '<2mass>', '[@BOS@]'].includes(token) ||
        (token.startsWith('<|') && token.endsWith('|>')) ||
        (token.startsWith('<｜') && token.endsWith('｜>')) ||
        (token.startsWith('<unused') && token.endsWith('>')));
}
//# sourceMappingURL=vocabulary.js.map