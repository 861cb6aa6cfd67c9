// GGUF vocabularies of the kind "gpt2": byte-pair encoding by merges, words cut as `tokenizer.ggml.pre` says.
// Source: `llm_tokenizer_bpe` (src/llama-vocab.cpp); the names and their patterns are in `../pre-tokenizers`.
import { assembleTokenizer } from '../assemble.js';
import { byteFallbackDecoder } from '../decoders/byte-fallback.js';
import { byteLevelDecoder } from '../decoders/decoder.js';
import { fail } from '../errors.js';
import { isPreTokenizerName, PRE_TOKENIZERS } from '../pre-tokenizers/names.js';
import { splitterPatterns, splitWords } from '../pre-tokenizers/splitters.js';
import { byteTokenIds, createBytePairModel } from '../subword/byte-pair.js';
import { chunked } from '../subword/chunked.js';
import { cached } from '../subword/model.js';
import { createPairTable } from '../subword/pair-table.js';
import { fromByteCharacters } from '../text/byte-alphabet.js';
import { controlIds, literalMatcher, specialIds, tokenIdMap, usableIds } from './common.js';
import { TOKEN_TYPES } from './read.js';
import { spacedPiece } from './sentencepiece.js';
/**
 * Merges over symbols: token ids, and from the vocabulary's size on, texts that merges make on the way but no token is.
 * A merge that occurs twice keeps its first rank.
 */
function resolveMerges(merges, tokenCount, usable) {
    const extra = new Map();
    const extraTexts = [];
    const symbolOf = (text) => {
        const known = usable.get(text) ?? extra.get(text);
        if (known !== undefined)
            return known;
        extra.set(text, tokenCount + extraTexts.length);
        extraTexts.push(text);
        return tokenCount + extraTexts.length - 1;
    };
    const ranks = createPairTable(merges.length);
    const results = new Int32Array(merges.length);
    merges.forEach((merge, rank) => {
        // A token may begin with a space, so the halves part at the second character's space or later.
        const space = merge.indexOf(' ', 1);
        if (space < 0)
            return;
        const [left, right] = [merge.slice(0, space), merge.slice(space + 1)];
        ranks.add(symbolOf(left), symbolOf(right), rank);
        results[rank] = symbolOf(left + right);
    });
    const resolved = { ranks, results };
    return { resolved, symbolOf: (text) => usable.get(text) ?? extra.get(text), extraTexts };
}
/** What is made once for a vocabulary, whatever cuts its words: `under` gives the tokenizer for one way of cutting. */
export function bytePairTokenizers(vocabulary) {
    const { tokens } = vocabulary;
    const special = specialIds(vocabulary, { bos: 11, eos: 11 });
    const control = controlIds(vocabulary, special);
    const tokenIds = tokenIdMap(tokens);
    const usable = usableIds(vocabulary, control);
    const { resolved, symbolOf, extraTexts } = resolveMerges(vocabulary.merges ?? [], tokens.length, usable);
    const literals = literalMatcher(vocabulary, control);
    /** A text that is no token falls apart into those of its ASCII characters that are. */
    const withoutExtra = (model) => ({
        encode(word, output) {
            const first = output.length;
            model.encode(word, output);
            if (extraTexts.length === 0 || output.slice(first).every((symbol) => symbol < tokens.length))
                return;
            const symbols = output.splice(first);
            for (const symbol of symbols) {
                if (symbol < tokens.length)
                    output.push(symbol);
                else
                    for (const character of extraTexts[symbol - tokens.length]) {
                        const id = character < '\u0080' ? usable.get(character) : undefined;
                        if (id !== undefined)
                            output.push(id);
                    }
            }
        },
    });
    return {
        under(pre) {
            const spaced = pre.spaced === true;
            const model = createBytePairModel({
                alphabet: spaced ? 'characters' : 'bytes',
                symbolOf,
                merges: resolved,
                continuingPrefix: '',
                wordSuffix: '',
                ...((pre.ignoreMerges || spaced) && {
                    // Under `spaced` names only runs of line feeds are looked up whole (llama.cpp's exception for Gemma 4).
                    wholeWords: (text) => (pre.ignoreMerges || /^\n+$/.test(text) ? usable.get(text) : undefined),
                }),
                ...(spaced && { byteFallback: byteTokenIds((text) => tokenIds.get(text)) }),
            });
            const words = withoutExtra(cached(model));
            const cut = spaced ? chunkedWords(words, usable) : words;
            const patterns = splitterPatterns(pre.splitter);
            return assembleTokenizer({
                tokens,
                tokenIds,
                special,
                controlIds: control,
                frame: {
                    before: (vocabulary.addBos ?? pre.addBos ?? false) && special.bos !== undefined ? [special.bos] : [],
                    after: (vocabulary.addEos ?? false) && special.eos !== undefined ? [special.eos] : [],
                },
                literals,
                separateSegments: false,
                encodeSection(text, _offset, _mayBeControl, output) {
                    for (const word of splitWords(spaced ? text.replaceAll(' ', '▁') : text, patterns))
                        cut.encode(word, output);
                },
                decoder: spaced ? spacedDecoder(vocabulary) : bytesDecoder(vocabulary),
            });
        },
    };
}
/** Long words are cut where no token crosses, but for runs of line feeds, which are looked up whole first. */
function chunkedWords(model, usable) {
    const cut = chunked(model, usable.keys(), -1);
    return { encode: (word, output) => (word.startsWith('\n') ? model : cut).encode(word, output) };
}
const spacedDecoder = (vocabulary) => byteFallbackDecoder({ stripStart: 0, piece: (id) => spacedPiece(vocabulary, id) });
function bytesDecoder({ tokens, types }) {
    const encoder = new TextEncoder();
    const known = [];
    return byteLevelDecoder((id) => {
        const token = tokens[id];
        if (token === undefined)
            return undefined;
        if (known[id] === undefined) {
            const silent = types[id] === TOKEN_TYPES.UNUSED || types[id] === TOKEN_TYPES.UNDEFINED;
            known[id] = silent
                ? new Uint8Array()
                : ((types[id] === TOKEN_TYPES.NORMAL ? fromByteCharacters(token) : undefined) ?? encoder.encode(token));
        }
        return known[id];
    });
}
/**
 * @throws FsError when `tokenizer.ggml.pre` is unknown, or there are no merges. A file without `pre` is cut as llama.cpp cuts it, by the
 * name "default", which is wrong for most models made since 2024.
 */
export function bytePairTokenizer(vocabulary, file) {
    const name = vocabulary.model === 'gemma4' ? 'gemma4' : (vocabulary.pre ?? 'default');
    if (!isPreTokenizerName(name)) {
        throw fail('tokenizer/pre-unknown', `${file}: tokenizer.ggml.pre is "${name}", which is no known pre-tokenizer, so texts would get wrong ids`, { name });
    }
    if (vocabulary.merges === undefined)
        throw fail('tokenizer/malformed', `${file}: tokenizer.ggml.merges is missing, and nothing can be encoded without it`);
    return bytePairTokenizers(vocabulary).under(PRE_TOKENIZERS[name]);
}
//# sourceMappingURL=byte-pair.js.map