// SentencePiece's byte-pair encoding: any two neighbours whose joined text is a token may join, best score first, then leftmost.
// Source: `src/bpe_model.cc` of google/sentencepiece; llama.cpp's `llm_tokenizer_spm` does the same but for unused pieces.
import { mergeSymbols } from './merge.js';
const encoder = new TextEncoder();
/** Position of each token's score among the distinct scores, best first. */
function scoreRanks(scores) {
    const distinct = Float64Array.from(new Set(Array.from(scores)))
        .sort()
        .reverse();
    const rankOf = new Map(Array.from(distinct, (score, rank) => [score, rank]));
    return Int32Array.from(scores, (score) => rankOf.get(score));
}
export function createScoreMergeModel(options) {
    const { tokens, tokenIds, byteIds, unknownId, unused } = options;
    const ranks = scoreRanks(options.scores);
    // A symbol is a token id, or, for a character without a token, its code point above all ids.
    const textOf = (symbol) => (symbol < tokens.length ? tokens[symbol] : String.fromCodePoint(symbol - tokens.length));
    const halves = new Map();
    const rules = {
        find(left, right) {
            const id = tokenIds.get(textOf(left) + textOf(right)) ?? -1;
            if (id >= 0 && unused?.has(id))
                halves.set(id, [left, right]);
            return id;
        },
        rank: (id) => ranks[id],
        result: (id) => id,
    };
    const emit = (symbol, first, output) => {
        const parts = unused?.has(symbol) ? halves.get(symbol) : undefined;
        if (parts !== undefined) {
            emit(parts[0], first, output);
            emit(parts[1], first, output);
            return;
        }
        if (symbol < tokens.length) {
            output.push(symbol);
            return;
        }
        const bytes = encoder.encode(textOf(symbol));
        if (bytes.every((byte) => byteIds[byte] >= 0))
            for (const byte of bytes)
                output.push(byteIds[byte]);
        else if (unknownId !== undefined && !(output.length > first && output.at(-1) === unknownId))
            output.push(unknownId);
    };
    return {
        encode(word, output) {
            const symbols = Array.from(word, (character) => tokenIds.get(character) ?? tokens.length + character.codePointAt(0));
            const count = mergeSymbols(symbols, rules);
            const first = output.length;
            for (let index = 0; index < count; index++)
                emit(symbols[index], first, output);
        },
    };
}
//# sourceMappingURL=score-merge.js.map