// A tokenizer from SentencePiece's tokenizer.model, for folders without a tokenizer.json.
// The model file itself is read by `model-file.ts`; GGUF's form of the same vocabularies is in `../gguf`.
import { assembleTokenizer } from '../assemble.js';
import { byteFallbackDecoder } from '../decoders/byte-fallback.js';
import { readJson } from '../huggingface/reader.js';
import { readSpecialTokens } from '../huggingface/special-tokens.js';
import { byteTokenIds } from '../subword/byte-pair.js';
import { chunked } from '../subword/chunked.js';
import { cached } from '../subword/model.js';
import { createScoreMergeModel } from '../subword/score-merge.js';
import { createUnigramModel } from '../subword/unigram.js';
import { leftmostLongest } from '../text/token-matcher.js';
import { SPECIAL_ROLES } from '../tokenizer.js';
import { PIECE_TYPES, readSentencePieceModel } from './model-file.js';
import { createNormalizer } from './normalize.js';
import { mergedPieces, readAddedPieces } from './vocabulary.js';
const literal = (id, text, control) => ({
    id,
    text,
    control,
    singleWord: false,
    leftStrip: false,
    rightStrip: false,
});
/**
 * A tokenizer whose ids equal SentencePiece's own, with the special tokens of the JSON files beside it.
 * @throws FsError when a file is malformed.
 */
export function tokenizerFromSentencePiece(files) {
    const model = readSentencePieceModel(files.tokenizerModel);
    const added = readAddedPieces(files);
    const pieces = mergedPieces(model, added);
    const tokens = pieces.map((piece) => piece?.text);
    const tokenIds = new Map();
    pieces.forEach((piece, id) => {
        if (piece !== undefined && !tokenIds.has(piece.text))
            tokenIds.set(piece.text, id);
    });
    const tokenizerConfig = files.tokenizerConfig === undefined ? undefined : readJson(files.tokenizerConfig, 'tokenizer_config.json');
    const special = specialIds(files, tokenizerConfig, model, { tokens, tokenIds });
    const controlIds = new Set(Object.values(special));
    pieces.forEach((piece, id) => {
        if (piece?.type === PIECE_TYPES.CONTROL || piece?.type === PIECE_TYPES.UNKNOWN)
            controlIds.add(id);
    });
    const addedIds = new Set(added.map((row) => row.id));
    const rawLiterals = [...new Set([...controlIds, ...addedIds])].map((id) => literal(id, tokens[id], controlIds.has(id)));
    const trainedLiterals = pieces.flatMap((piece, id) => piece?.type === PIECE_TYPES.USER_DEFINED && !addedIds.has(id) ? [literal(id, piece.text, false)] : []);
    const trainedMatcher = leftmostLongest(trainedLiterals);
    const subwords = createModel(model, pieces, controlIds);
    const normalize = createNormalizer(model, 'tokenizer.model');
    // `legacy: false` in transformers: a space is put only at the very start, not after each special token.
    const everySection = tokenizerConfig?.optional('legacy')?.value !== false;
    return assembleTokenizer({
        tokens,
        tokenIds,
        special,
        controlIds,
        frame: frameOf(special, model, tokenizerConfig),
        literals: leftmostLongest(rawLiterals),
        separateSegments: false,
        encodeSection(text, offset, _, output) {
            const clean = normalize(text, everySection || offset === 0);
            let from = 0;
            for (const match of trainedMatcher.find(clean, () => true)) {
                if (match.start > from)
                    subwords.encode(clean.slice(from, match.start), output);
                output.push(match.id);
                from = match.end;
            }
            if (from < clean.length)
                subwords.encode(clean.slice(from), output);
        },
        decoder: byteFallbackDecoder({
            stripStart: model.addDummyPrefix && !model.treatWhitespaceAsSuffix ? 1 : 0,
            piece(id) {
                const piece = pieces[id];
                if (piece === undefined)
                    return undefined;
                const byte = piece.type === PIECE_TYPES.BYTE ? /^<0x([0-9A-Fa-f]{2})>$/.exec(piece.text)?.[1] : undefined;
                return byte === undefined ? { text: piece.text.replaceAll('▁', ' ') } : { byte: Number.parseInt(byte, 16) };
            },
        }),
    });
}
function createModel(model, pieces, controlIds) {
    // Only trained pieces come out of ordinary text; of two with one text the first counts.
    const usable = new Map();
    const unused = new Set();
    const trained = new Set([PIECE_TYPES.NORMAL, PIECE_TYPES.USER_DEFINED, PIECE_TYPES.UNUSED]);
    pieces.forEach((piece, id) => {
        if (piece === undefined || !trained.has(piece.type) || controlIds.has(id))
            return;
        if (!usable.has(piece.text))
            usable.set(piece.text, id);
        if (piece.type === PIECE_TYPES.UNUSED)
            unused.add(id);
    });
    const textIds = new Map(pieces.flatMap((piece, id) => (piece?.type === PIECE_TYPES.BYTE ? [[piece.text, id]] : [])));
    const byteIds = model.byteFallback ? byteTokenIds((text) => textIds.get(text)) : new Int32Array(256).fill(-1);
    const unknownId = model.unkId < 0 ? undefined : model.unkId;
    if (model.algorithm === 'bpe') {
        const tokens = pieces.map((piece) => piece?.text ?? '');
        const scores = Float64Array.from(pieces, (piece) => piece?.score ?? 0);
        const merging = createScoreMergeModel({ tokens, tokenIds: usable, scores, byteIds, unknownId, unused });
        return chunked(cached(merging), usable.keys(), unknownId ?? -1);
    }
    const normal = pieces.flatMap((piece) => (piece?.type === PIECE_TYPES.NORMAL ? [piece.score] : []));
    const lowest = normal.reduce((least, score) => Math.min(least, score), 0);
    const highest = normal.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
    return createUnigramModel({
        pieces: [...usable]
            .filter(([, id]) => !unused.has(id))
            .map(([text, id]) => {
            const piece = pieces[id];
            // A user's piece beats any cut of the same text (`GetScoreInlined`, unigram_model.h).
            return { text, id, score: piece.type === PIECE_TYPES.USER_DEFINED ? Array.from(text).length * highest - 0.1 : piece.score };
        }),
        unknownId,
        unknownScore: lowest - 10,
        fuseUnknown: true,
        ...(model.byteFallback && { byteIds }),
    });
}
function specialIds(files, tokenizerConfig, model, vocabulary) {
    const read = readSpecialTokens(vocabulary, {
        ...(tokenizerConfig !== undefined && { tokenizerConfig }),
        ...(files.specialTokensMap !== undefined && { specialTokensMap: readJson(files.specialTokensMap, 'special_tokens_map.json') }),
        ...(files.config !== undefined && { config: files.config }),
    }).ids;
    const trained = { bos: model.bosId, eos: model.eosId, unk: model.unkId, pad: model.padId };
    const ids = {};
    for (const role of SPECIAL_ROLES) {
        const id = read[role] ?? trained[role];
        if (id !== undefined && id >= 0 && vocabulary.tokens[id] !== undefined)
            ids[role] = id;
    }
    return ids;
}
/** Without a word from tokenizer_config.json: Llama's kind begins with bos, T5's unigram kind ends with eos (llama.cpp's defaults too). */
function frameOf(special, model, tokenizerConfig) {
    const wanted = (name, otherwise) => tokenizerConfig?.optional(name)?.boolean() ?? otherwise;
    const bpe = model.algorithm === 'bpe';
    return {
        before: wanted('add_bos_token', bpe) && special.bos !== undefined ? [special.bos] : [],
        after: wanted('add_eos_token', !bpe) && special.eos !== undefined ? [special.eos] : [],
    };
}
//# sourceMappingURL=tokenizer.js.map