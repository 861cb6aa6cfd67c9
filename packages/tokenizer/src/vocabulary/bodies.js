import { fail } from '../errors.js';
import { readGgufVocabulary } from '../gguf/read.js';
import { sentencePieceTokenizer } from '../gguf/sentencepiece.js';
import { flatten } from '../huggingface/normalizer.js';
import { PRE_TOKENIZERS } from '../pre-tokenizers/names.js';
import { PROBE_TEXTS } from '../pre-tokenizers/probe-texts.js';
import { readSentencePieceModel } from '../sentencepiece/model-file.js';
import { fromBase64 } from '../text/base64.js';
import { findPreTokenizer } from './detect.js';
import { rowsFromSentencePiece } from './from-sentencepiece.js';
import { rowsFromBytePair, rowsFromSpacedBytePair, rowsFromUnigram, rowsFromWordPiece } from './from-tokenizer-json.js';
import { sameIds } from './probes.js';
const string = (value) => ({ type: 'STRING', value });
const flag = (value) => ({ type: 'BOOL', value });
const none = new Map();
/** Model, pre-tokenizer, tokens, scores, types and what goes with the kind, in llama.cpp's order. */
export function bodyEntries({ kind, pre, rows, more }) {
    return new Map([
        ['tokenizer.ggml.model', string(kind)],
        ['tokenizer.ggml.pre', string(pre)],
        ['tokenizer.ggml.tokens', { type: 'ARRAY', of: 'STRING', value: rows.tokens }],
        ...(rows.scores === undefined ? [] : [['tokenizer.ggml.scores', { type: 'ARRAY', of: 'FLOAT32', value: rows.scores }]]),
        ['tokenizer.ggml.token_type', { type: 'ARRAY', of: 'INT32', value: rows.types }],
        ...more,
    ]);
}
/** From tokenizer.model. @throws FsError when it is malformed, or larger than the model. */
export function bodyFromModel(files, options) {
    const model = readSentencePieceModel(files.tokenizerModel);
    const { notes, ...rows } = rowsFromSentencePiece(model, files, options.rows, options.traits ?? {});
    if (model.algorithm === 'bpe') {
        const beyond = [
            ...(model.removeExtraWhitespaces ? ['merges runs of spaces into one'] : []),
            ...(model.precompiledCharsmap.length > 0 ? ['normalizes characters by a table'] : []),
        ].map((what) => `tokenizer.model ${what}, which llama.cpp does not do for this kind.`);
        return {
            kind: 'llama',
            source: 'tokenizer.model',
            rows,
            pre: 'default',
            more: none,
            addSpacePrefix: model.addDummyPrefix,
            defaults: { addBos: true, addEos: false },
            notes: [...notes, ...beyond],
        };
    }
    const more = unigramEntries(model.addDummyPrefix, model.removeExtraWhitespaces, model.precompiledCharsmap);
    return { kind: 't5', source: 'tokenizer.model', rows, pre: 'default', more, defaults: { addBos: false, addEos: true }, notes };
}
function unigramEntries(addSpacePrefix, removeExtraWhitespaces, charsmap) {
    return new Map([
        ['tokenizer.ggml.add_space_prefix', flag(addSpacePrefix)],
        ['tokenizer.ggml.remove_extra_whitespaces', flag(removeExtraWhitespaces)],
        ...(charsmap.length > 0 ? [['tokenizer.ggml.precompiled_charsmap', { type: 'ARRAY', of: 'UINT8', value: charsmap }]] : []),
    ]);
}
/** From tokenizer.json. @throws FsError when it is larger than the model, or GGUF cannot express it. */
export function bodyFromJson(source, tokenizer, options) {
    switch (source.model.type) {
        case 'BPE':
            return source.model.byteFallback && !source.preTokenizer.byteLevel
                ? spacedBody(source, tokenizer, options)
                : bytePairBody(source, tokenizer, options);
        case 'WordPiece': {
            const rows = rowsFromWordPiece(source, tokenizer, options.rows);
            return {
                kind: 'bert',
                source: 'tokenizer.json',
                rows,
                pre: 'default',
                more: none,
                defaults: { addBos: true, addEos: false },
                notes: [],
            };
        }
        case 'Unigram':
            return unigramBody(source, options);
        case 'WordLevel':
            throw fail('tokenizer/unsupported', 'tokenizer.json: GGUF has no vocabulary of the kind WordLevel');
        default:
            return source.model.type;
    }
}
function bytePairBody(source, tokenizer, options) {
    const rows = rowsFromBytePair(source, tokenizer, options.rows);
    // A space inside a half would look like the border between halves; it is written as byte-level BPE spells it (llama.cpp issue 9692).
    const merges = source.model.merges.map(([left, right]) => `${left.replaceAll(' ', 'Ġ')} ${right.replaceAll(' ', 'Ġ')}`);
    const more = new Map([['tokenizer.ggml.merges', { type: 'ARRAY', of: 'STRING', value: merges }]]);
    const written = readGgufVocabulary(bodyEntries({ kind: 'gpt2', pre: '', rows, more }), 'the vocabulary');
    const finding = findPreTokenizer(source, tokenizer, written, {
        ...(options.pre !== undefined && { user: options.pre }),
        ...(options.traits?.preferredPre !== undefined && { family: options.traits.preferredPre }),
    });
    const pre = PRE_TOKENIZERS[finding.pre];
    return {
        kind: 'gpt2',
        source: 'tokenizer.json',
        rows,
        pre: finding.pre,
        preTokenizer: finding,
        more,
        defaults: { addBos: pre.addBos === true, addEos: false },
        notes: finding.notes,
    };
}
/** SentencePiece without its file. Equal scores, as llama.cpp's converter writes them, are kept only where they give the right ids. */
function spacedBody(source, tokenizer, options) {
    const addSpacePrefix = putsSpaceFirst(source);
    const more = new Map([['tokenizer.ggml.add_space_prefix', flag(addSpacePrefix)]]);
    const plain = { addSpecialTokens: false };
    const flat = rowsFromSpacedBytePair(source, options.rows, 'flat');
    const written = sentencePieceTokenizer(readGgufVocabulary(bodyEntries({ kind: 'llama', pre: 'default', rows: flat, more }), 'the vocabulary'));
    const flatIsRight = PROBE_TEXTS.every((text) => sameIds(written.encode(text, plain), tokenizer.encode(text, plain)));
    const rows = flatIsRight ? flat : rowsFromSpacedBytePair(source, options.rows, 'ranks');
    const notes = flatIsRight
        ? []
        : ['Scores are written in the order of the merges: with equal scores, which llama.cpp’s converter writes, texts would get other ids.'];
    return {
        kind: 'llama',
        source: 'tokenizer.json',
        rows,
        pre: 'default',
        more: none,
        addSpacePrefix,
        defaults: { addBos: true, addEos: false },
        notes,
    };
}
const putsSpaceFirst = (source) => source.preTokenizer.words(source.normalize('a'), 0)[0]?.startsWith('▁') === true;
function unigramBody(source, options) {
    const rows = rowsFromUnigram(source, options.rows);
    const normalizer = source.json.optional('normalizer');
    const stages = normalizer === undefined ? [] : flatten(normalizer, 'normalizers');
    const table = stages.find((stage) => stage.field('type').value === 'Precompiled')?.optional('precompiled_charsmap');
    const charsmap = table === undefined ? new Uint8Array() : fromBase64(table.string(), table.where);
    // One space for several, however the stages say it: a regular expression, or words cut at white space.
    const merged = source.preTokenizer.words(source.normalize('a  b'), 0).length === 2 &&
        !source.preTokenizer.words(source.normalize('a  b'), 0).join('').includes('▁▁');
    const more = unigramEntries(putsSpaceFirst(source), merged, charsmap);
    return { kind: 't5', source: 'tokenizer.json', rows, pre: 'default', more, defaults: { addBos: false, addEos: true }, notes: [] };
}
//# sourceMappingURL=bodies.js.map