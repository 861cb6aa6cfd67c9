// GGUF vocabularies of the kind "bert": WordPiece, whose tokens carry `▁` where Hugging Face's carry no `##`.
// Source: `llm_tokenizer_wpm` (src/llama-vocab.cpp). Its decomposition keeps only a character's first part; here accents are stripped as BERT
// does it, so Korean text gets the ids the model was trained with.
import { assembleTokenizer } from '../assemble.js';
import { cleanedUp, tokenTextDecoder } from '../decoders/token-text.js';
import { fail } from '../errors.js';
import { cached } from '../subword/model.js';
import { createWordPieceModel } from '../subword/word-piece.js';
import { bertNormalized } from '../text/normalize.js';
import { split } from '../text/split.js';
import { controlIds, literalMatcher, specialIds, tokenIdMap } from './common.js';
const SEPARATORS = /\p{White_Space}/gu;
const PUNCTUATION = /[\p{P}!-/:-@[-`{-~]/gu;
/** @throws FsError when the vocabulary has no unknown token, bos, or sep. */
export function wordPieceTokenizer(vocabulary, file) {
    const { tokens } = vocabulary;
    const special = specialIds(vocabulary, { bos: 101, unk: 100, sep: 102, pad: 0, mask: 103 });
    const { bos, sep, unk } = special;
    if (bos === undefined || sep === undefined || unk === undefined) {
        throw fail('tokenizer/malformed', `${file}: a vocabulary of the kind "bert" needs the ids of bos, separator and unknown`, { file });
    }
    const control = controlIds(vocabulary, special);
    // As Hugging Face spells them: `▁the` is `the`, `ing` is `##ing`.
    const spelled = tokens.map((token, id) => (control.has(id) ? token : token.startsWith('▁') ? token.slice(1) : `##${token}`));
    const usable = new Map();
    spelled.forEach((token, id) => {
        if (!control.has(id))
            usable.set(token, id);
    });
    const model = cached(createWordPieceModel({ tokenIds: usable, continuingPrefix: '##', unknownId: unk, maxCharacters: Number.POSITIVE_INFINITY }));
    const lowercase = vocabulary.lowercase ?? true;
    const normalization = { cleanText: true, handleChineseCharacters: true, stripAccents: vocabulary.stripAccents ?? lowercase, lowercase };
    return assembleTokenizer({
        tokens,
        tokenIds: tokenIdMap(tokens),
        special,
        controlIds: control,
        frame: { before: [bos], after: [sep] },
        literals: literalMatcher(vocabulary, control),
        separateSegments: false,
        encodeSection(text, _offset, _mayBeControl, output) {
            for (const piece of split(bertNormalized(text, normalization), SEPARATORS, 'Removed', false)) {
                for (const word of split(piece, PUNCTUATION, 'Isolated', false))
                    model.encode(word, output);
            }
        },
        decoder: tokenTextDecoder((id, first) => {
            const token = spelled[id];
            if (token === undefined)
                return undefined;
            const continues = !control.has(id) && token.startsWith('##');
            return cleanedUp(continues ? token.slice(2) : first ? token : ` ${token}`);
        }),
    });
}
//# sourceMappingURL=word-piece.js.map