// A tokenizer from Hugging Face's tokenizer.json and the files beside it.
// The stages are read one file each; this puts them together, as the Rust library's `TokenizerImpl` and transformers do.
import { assembleTokenizer } from '../assemble.js';
import { leftmostLongest } from '../text/token-matcher.js';
import { readDecoder } from './decoder.js';
import { readFrame } from './frame.js';
import { readModel } from './model.js';
import { readNormalizer } from './normalizer.js';
import { readPreTokenizer } from './pre-tokenizer.js';
import { readJson } from './reader.js';
import { readSpecialTokens } from './special-tokens.js';
import { addToken, looksSpecial, readAddedToken, readAddedTokens } from './vocabulary.js';
/** @throws FsError when a file is malformed, or asks for a stage that is not implemented. */
export function readHuggingFaceTokenizer(files) {
    const json = readJson(files.tokenizerJson, 'tokenizer.json');
    const tokenizerConfig = files.tokenizerConfig === undefined ? undefined : readJson(files.tokenizerConfig, 'tokenizer_config.json');
    const specialTokensMap = files.specialTokensMap === undefined ? undefined : readJson(files.specialTokensMap, 'special_tokens_map.json');
    const model = readModel(json.field('model'));
    const vocabulary = { tokens: model.vocabulary.tokens.slice(), tokenIds: new Map(model.vocabulary.tokenIds) };
    const rows = [...readAddedTokens(json.optional('added_tokens')), ...configuredTokens(tokenizerConfig)];
    for (const row of rows)
        addToken(vocabulary, row.content, row.id, 'tokenizer.json: added_tokens');
    const special = readSpecialTokens(vocabulary, {
        ...(tokenizerConfig !== undefined && { tokenizerConfig }),
        ...(specialTokensMap !== undefined && { specialTokensMap }),
        ...(files.config !== undefined && { config: files.config }),
    });
    const frame = readFrame(json.optional('post_processor'), vocabulary);
    return {
        json,
        tokenizerConfig,
        vocabulary,
        addedTokens: mergedAddedTokens(rows, special.texts, vocabulary),
        special,
        model,
        normalize: readNormalizer(json.optional('normalizer')),
        preTokenizer: readPreTokenizer(json.optional('pre_tokenizer')),
        frame: configuredFrame(frame, special.ids, tokenizerConfig),
        decoder: readDecoder(json.optional('decoder'), vocabulary.tokens),
    };
}
/** `added_tokens_decoder` of tokenizer_config.json: the same rows, keyed by id. */
function configuredTokens(tokenizerConfig) {
    const table = tokenizerConfig?.optional('added_tokens_decoder');
    if (table === undefined)
        return [];
    return Object.keys(table.object()).map((key) => {
        const id = Number(key);
        if (!/^\d{1,7}$/.test(key))
            throw table.malformed('an object whose keys are ids');
        return readAddedToken(table.field(key), id);
    });
}
/** One row per token, the first file's; tokens that only have a role, or are only listed as special, are added tokens too (transformers). */
function mergedAddedTokens(rows, specialTexts, vocabulary) {
    const byId = new Map();
    for (const row of rows)
        if (!byId.has(row.id))
            byId.set(row.id, row);
    for (const content of specialTexts) {
        const id = vocabulary.tokenIds.get(content);
        const before = byId.get(id);
        const added = { id, content, singleWord: false, leftStrip: false, rightStrip: false, normalized: false };
        byId.set(id, { ...(before ?? added), special: true });
    }
    return [...byId.values()].sort((a, b) => a.id - b.id);
}
/** `add_bos_token` and `add_eos_token` of tokenizer_config.json have the last word, as in transformers and llama.cpp. */
function configuredFrame(frame, ids, tokenizerConfig) {
    const wanted = (name) => {
        const field = tokenizerConfig?.optional(name);
        return typeof field?.value === 'boolean' ? field.value : undefined;
    };
    let { before, after } = frame;
    const [addBos, addEos] = [wanted('add_bos_token'), wanted('add_eos_token')];
    if (ids.bos !== undefined && addBos !== undefined && (before[0] === ids.bos) !== addBos)
        before = addBos ? [ids.bos, ...before] : before.slice(1);
    if (ids.eos !== undefined && addEos !== undefined && (after.at(-1) === ids.eos) !== addEos)
        after = addEos ? [...after, ids.eos] : after.slice(0, -1);
    return { before, after };
}
/**
 * A tokenizer whose ids equal those of Hugging Face's library for the same files.
 * @throws FsError when a file is malformed, or asks for a stage that is not implemented.
 */
export function tokenizerFromJson(files) {
    return buildTokenizer(readHuggingFaceTokenizer(files));
}
export function buildTokenizer(source) {
    const { vocabulary, addedTokens, normalize, preTokenizer } = source;
    const isControl = (token) => token.special || looksSpecial(token.content);
    const model = source.model.build(preTokenizer, new Set(addedTokens.filter(isControl).map((token) => token.id)));
    const literal = (token, text) => ({ ...token, text, control: isControl(token) });
    const raw = addedTokens.filter((token) => !token.normalized).map((token) => literal(token, token.content));
    const normalized = addedTokens.filter((token) => token.normalized).map((token) => literal(token, normalize(token.content)));
    const normalizedMatcher = leftmostLongest(normalized);
    const encodeWords = (text, offset, output) => {
        for (const word of preTokenizer.words(text, offset))
            model.encode(word, output);
    };
    return assembleTokenizer({
        tokens: vocabulary.tokens,
        tokenIds: vocabulary.tokenIds,
        special: source.special.ids,
        controlIds: new Set(addedTokens.filter((token) => token.special).map((token) => token.id)),
        frame: source.frame,
        literals: leftmostLongest(raw),
        separateSegments: normalized.some((token) => token.control),
        encodeSection(text, offset, mayBeControl, output) {
            const clean = normalize(text);
            let from = 0;
            // Where normalized control tokens exist, a section never spans segments, so one answer holds for all of it.
            for (const match of normalizedMatcher.find(clean, () => mayBeControl(0, text.length))) {
                if (match.start > from)
                    encodeWords(clean.slice(from, match.start), offset + from, output);
                output.push(match.id);
                from = match.end;
            }
            if (from < clean.length)
                encodeWords(clean.slice(from), offset + from, output);
        },
        decoder: source.decoder,
    });
}
//# sourceMappingURL=tokenizer-json.js.map