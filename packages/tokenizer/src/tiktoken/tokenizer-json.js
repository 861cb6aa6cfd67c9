// Turns tiktoken's form of a tokenizer (Meta's Llama 3 `tokenizer.model`: a line for each token, base64 and rank) into a tokenizer.json.
// Merges are not in that form: each token's is recovered by merging its bytes with the tokens of lower rank.
import { fail } from '../errors.js';
import { MOST_TOKENS } from '../limits.js';
import { BYTE_CHARACTERS } from '../text/byte-alphabet.js';
const LINE = /^([A-Za-z0-9+/]+={0,2}) (\d+)$/;
/** True when the bytes begin with a line of base64 and a number, as no protobuf does. */
export function isTiktokenModel(bytes) {
    const start = new TextDecoder('latin1').decode(bytes.subarray(0, 1024));
    return LINE.test(start.split('\n', 1)[0].trimEnd());
}
/** Llama 3's split (`llama3/tokenizer.py` of meta-llama/llama3), in Oniguruma's spelling. */
const LLAMA3_PATTERN = String.raw `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const RESERVED = 256;
/** The 256 tokens after Llama 3's ranks: named ones as in Llama 3.1 and later, the others reserved. */
export function llama3SpecialTokens() {
    const named = new Map([
        [0, '<|begin_of_text|>'],
        [1, '<|end_of_text|>'],
        [4, '<|finetune_right_pad_id|>'],
        [6, '<|start_header_id|>'],
        [7, '<|end_header_id|>'],
        [8, '<|eom_id|>'],
        [9, '<|eot_id|>'],
        [10, '<|python_tag|>'],
    ]);
    let reserved = 0;
    return Array.from({ length: RESERVED }, (_, index) => named.get(index) ?? `<|reserved_special_token_${reserved++}|>`);
}
/** Tokens in the byte alphabet, by rank; ranks must be 0, 1, 2 … each once. */
function readRanks(bytes) {
    const lines = new TextDecoder('latin1').decode(bytes).split('\n');
    const tokens = [];
    const rankOf = new Map();
    lines.forEach((line, index) => {
        const text = line.trimEnd();
        if (text === '' && index === lines.length - 1)
            return;
        const found = LINE.exec(text);
        const rank = Number(found?.[2]);
        if (found === null || !(rank < MOST_TOKENS)) {
            throw fail('tokenizer/malformed', `tokenizer.model: line ${index + 1} should be a token in base64 and its rank`, { line: index + 1 });
        }
        const token = Array.from(atob(found[1]), (byte) => BYTE_CHARACTERS[byte.charCodeAt(0)]).join('');
        if (tokens[rank] !== undefined)
            throw fail('tokenizer/duplicate-id', `tokenizer.model: line ${index + 1} has the rank ${rank} again`, { rank });
        if (rankOf.has(token))
            throw fail('tokenizer/duplicate-token', `tokenizer.model: line ${index + 1} has the token of rank ${rankOf.get(token)} again`, {
                rank,
            });
        tokens[rank] = token;
        rankOf.set(token, rank);
    });
    for (let rank = 0; rank < tokens.length; rank++) {
        if (tokens[rank] === undefined)
            throw fail('tokenizer/malformed', `tokenizer.model: no token has the rank ${rank}`, { rank });
    }
    return { tokens, rankOf };
}
/**
 * All pairs of tokens whose join is a token, in the order of what they make: what transformers writes for such files
 * (`TikTokenConverter`), and with the model's `ignore_merges` the ids of tiktoken itself.
 */
function allMerges({ tokens, rankOf }) {
    return tokens.flatMap((token) => {
        const pairs = [];
        for (let cut = 1; cut < token.length; cut++) {
            const [left, right] = [token.slice(0, cut), token.slice(cut)];
            if (rankOf.has(left) && rankOf.has(right))
                pairs.push([left, right]);
        }
        return pairs.sort((a, b) => rankOf.get(a[0]) - rankOf.get(b[0]) || rankOf.get(a[1]) - rankOf.get(b[1]));
    });
}
/**
 * @param specialTokens the tokens after the last rank, in order.
 * @throws FsError when a line is not a token and its rank, or a rank is missing or repeated.
 */
export function jsonFromTiktoken(bytes, specialTokens = llama3SpecialTokens()) {
    const ranks = readRanks(bytes);
    const first = ranks.tokens.length;
    const added = specialTokens.map((content, index) => ({
        id: first + index,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
    }));
    const bos = added.find(({ content }) => content === '<|begin_of_text|>');
    const item = { SpecialToken: { id: '<|begin_of_text|>', type_id: 0 } };
    const text = { Sequence: { id: 'A', type_id: 0 } };
    return JSON.stringify({
        version: '1.0',
        truncation: null,
        padding: null,
        added_tokens: added,
        normalizer: null,
        pre_tokenizer: {
            type: 'Sequence',
            pretokenizers: [
                { type: 'Split', pattern: { Regex: LLAMA3_PATTERN }, behavior: 'Isolated', invert: false },
                { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
            ],
        },
        post_processor: bos === undefined
            ? null
            : {
                type: 'TemplateProcessing',
                single: [item, text],
                pair: [item, text, { SpecialToken: { id: bos.content, type_id: 1 } }, { Sequence: { id: 'B', type_id: 1 } }],
                special_tokens: { [bos.content]: { id: bos.content, ids: [bos.id], tokens: [bos.content] } },
            },
        decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
        model: {
            type: 'BPE',
            dropout: null,
            unk_token: null,
            continuing_subword_prefix: null,
            end_of_word_suffix: null,
            fuse_unk: false,
            byte_fallback: false,
            ignore_merges: true,
            vocab: Object.fromEntries(ranks.tokens.map((token, rank) => [token, rank])),
            merges: allMerges(ranks),
        },
    });
}
//# sourceMappingURL=tokenizer-json.js.map