// Byte-pair encoding by a ranked merge list, over characters or over bytes: the model of GPT-2, Llama 3, Qwen, and of tokenizer.json files
// made from SentencePiece. Merging by token scores is in `score-merge.ts`.
import { BYTE_CHARACTERS } from '../text/byte-alphabet.js';
import { mergeSymbols } from './merge.js';
const encoder = new TextEncoder();
/** The 256 byte tokens of a vocabulary, -1 where one is missing. */
export function byteTokenIds(symbolOf) {
    return Int32Array.from({ length: 256 }, (_, byte) => symbolOf(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`) ?? -1);
}
export function createBytePairModel(options) {
    const { alphabet, symbolOf, merges, continuingPrefix, wordSuffix, byteFallback, unknown } = options;
    const rules = {
        find: (left, right) => merges.ranks.get(left, right),
        rank: (join) => join,
        result: (join) => merges.results[join],
    };
    const addUnknown = (character, symbols) => {
        if (byteFallback !== undefined) {
            const bytes = encoder.encode(character);
            if (bytes.every((byte) => byteFallback[byte] >= 0)) {
                for (const byte of bytes)
                    symbols.push(byteFallback[byte]);
                return;
            }
        }
        if (unknown !== undefined && !(unknown.fuse && symbols.at(-1) === unknown.id))
            symbols.push(unknown.id);
    };
    return {
        encode(word, output) {
            const characters = alphabet === 'bytes' ? Array.from(encoder.encode(word), (byte) => BYTE_CHARACTERS[byte]) : Array.from(word);
            const whole = options.wholeWords?.(alphabet === 'bytes' ? characters.join('') : word);
            if (whole !== undefined) {
                output.push(whole);
                return;
            }
            const symbols = [];
            for (let index = 0; index < characters.length; index++) {
                const prefix = index > 0 ? continuingPrefix : '';
                const suffix = index === characters.length - 1 ? wordSuffix : '';
                const symbol = symbolOf(prefix + characters[index] + suffix);
                if (symbol === undefined)
                    addUnknown(characters[index], symbols);
                else
                    symbols.push(symbol);
            }
            const count = mergeSymbols(symbols, rules);
            for (let index = 0; index < count; index++)
                output.push(symbols[index]);
        },
    };
}
//# sourceMappingURL=byte-pair.js.map