// GGUF vocabularies of the kind "llama": SentencePiece pieces merged by score.
// Source: `llm_tokenizer_spm` (src/llama-vocab.cpp); SentencePiece's own file is read in `../sentencepiece`.
import { assembleTokenizer } from '../assemble.js';
import { byteFallbackDecoder } from '../decoders/byte-fallback.js';
import { byteTokenIds } from '../subword/byte-pair.js';
import { chunked } from '../subword/chunked.js';
import { cached } from '../subword/model.js';
import { createScoreMergeModel } from '../subword/score-merge.js';
import { controlIds, literalMatcher, specialIds, tokenIdMap, usableIds } from './common.js';
import { TOKEN_TYPES } from './read.js';
const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;
/** What a token says in a text, for vocabularies with `▁` for spaces. Unused tokens say nothing, as in llama.cpp. */
export function spacedPiece(vocabulary, id) {
    const token = vocabulary.tokens[id];
    if (token === undefined)
        return undefined;
    switch (vocabulary.types[id]) {
        case TOKEN_TYPES.NORMAL:
            return { text: token.replaceAll('▁', ' ') };
        case TOKEN_TYPES.BYTE: {
            const byte = BYTE_TOKEN.exec(token)?.[1];
            return byte === undefined ? { text: token } : { byte: Number.parseInt(byte, 16) };
        }
        case TOKEN_TYPES.UNUSED:
        case TOKEN_TYPES.UNDEFINED:
            return { text: '' };
        default:
            return { text: token };
    }
}
export function sentencePieceTokenizer(vocabulary) {
    const { tokens, scores } = vocabulary;
    const special = specialIds(vocabulary, { bos: 1, eos: 2, unk: 0 });
    const control = controlIds(vocabulary, special);
    const tokenIds = tokenIdMap(tokens);
    const usable = usableIds(vocabulary, control);
    // A byte is `<0x0A>`, or in vocabularies without those the character itself (`byte_to_token`).
    const byteIds = byteTokenIds((text) => tokenIds.get(text) ?? usable.get(String.fromCharCode(Number.parseInt(text.slice(3, 5), 16))));
    const unknownId = special.unk;
    const model = chunked(cached(createScoreMergeModel({ tokens, tokenIds: usable, scores, byteIds, unknownId })), usable.keys(), unknownId ?? -1);
    const prefix = (vocabulary.addSpacePrefix ?? true) ? ' ' : '';
    return assembleTokenizer({
        tokens,
        tokenIds,
        special,
        controlIds: control,
        frame: {
            before: (vocabulary.addBos ?? true) && special.bos !== undefined ? [special.bos] : [],
            after: (vocabulary.addEos ?? false) && special.eos !== undefined ? [special.eos] : [],
        },
        literals: literalMatcher(vocabulary, control),
        separateSegments: false,
        encodeSection: (text, _offset, _mayBeControl, output) => model.encode((prefix + text).replaceAll(' ', '▁'), output),
        decoder: byteFallbackDecoder({ stripStart: prefix.length, piece: (id) => spacedPiece(vocabulary, id) }),
    });
}
//# sourceMappingURL=sentencepiece.js.map