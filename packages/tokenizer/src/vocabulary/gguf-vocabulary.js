import { tokenizerFromGguf } from '../gguf/tokenizer.js';
import { flatten } from '../huggingface/normalizer.js';
import { readJson } from '../huggingface/reader.js';
import { buildTokenizer, readHuggingFaceTokenizer } from '../huggingface/tokenizer-json.js';
import { resolveFiles } from '../open.js';
import { tokenizerFromSentencePiece } from '../sentencepiece/tokenizer.js';
import { bodyEntries, bodyFromJson, bodyFromModel } from './bodies.js';
import { probesFor, sameIds } from './probes.js';
import { paddingToken } from './rows.js';
import { specialEntries } from './special-vocabulary.js';
const hasModel = (files) => files.tokenizerModel !== undefined;
const flag = (value) => ({ type: 'BOOL', value });
/**
 * @param files every tokenizer file of the checkpoint. tokenizer.model comes before tokenizer.json, as in llama.cpp, since it has scores.
 * @throws FsError when a file is malformed or unsupported, the vocabulary is larger than the model's, or no pre-tokenizer name gives the
 * ids of tokenizer.json.
 */
export function ggufVocabulary(files, options = {}) {
    const traits = options.traits ?? {};
    const resolved = resolveFiles(files);
    const source = resolved.tokenizerJson === undefined ? undefined : readHuggingFaceTokenizer(resolved);
    const tokenizer = source === undefined ? tokenizerFromSentencePiece(resolved) : buildTokenizer(source);
    const body = hasModel(resolved) ? bodyFromModel(resolved, options) : bodyFromJson(source, tokenizer, options);
    const tokenizerConfig = resolved.tokenizerConfig === undefined ? undefined : readJson(resolved.tokenizerConfig, 'tokenizer_config.json');
    const metadata = new Map(traits.before ?? []);
    const add = (entries) => {
        for (const [key, value] of entries)
            metadata.set(key, value);
    };
    const prefix = tokenizerConfig?.optional('add_prefix_space')?.value;
    if (traits.spacePrefix !== undefined && typeof prefix === 'boolean')
        add([['tokenizer.ggml.add_space_prefix', flag(prefix)]]);
    add(bodyEntries(body));
    const limit = body.kind === 'gpt2' ? {} : { limit: body.rows.tokens.length };
    add(specialEntries({ tokenizerJson: source?.json, tokenizerConfig, config: resolved.config, ...limit }));
    const corrections = frameCorrections(metadata, body, tokenizer);
    add(corrections.map(({ key, value }) => [key, flag(value)]));
    add(templateEntries(options.chatTemplates));
    add(normalizerEntries(source?.json.optional('normalizer')));
    const spaceKey = 'tokenizer.ggml.add_space_prefix';
    if (body.addSpacePrefix === false && !metadata.has(spaceKey))
        add([[spaceKey, flag(false)]]);
    add(traits.after ?? []);
    const { tokens } = body.rows;
    return {
        metadata,
        report: {
            kind: body.kind,
            source: body.source,
            rows: tokens.length,
            padded: tokens.filter((token, id) => token === paddingToken(id)).length,
            ...(body.preTokenizer !== undefined && { preTokenizer: body.preTokenizer }),
            probes: compared(metadata, tokenizer, probesFor(source).texts),
            notes: [...body.notes, ...corrections.map(({ note }) => note)],
        },
    };
}
/** Keys llama.cpp's converter leaves out although its loader then does otherwise than the tokenizer; BERT's kind has no choice. */
function frameCorrections(metadata, body, tokenizer) {
    if (body.kind === 'bert')
        return [];
    const roles = [
        { key: 'tokenizer.ggml.add_bos_token', wanted: tokenizer.addBos, otherwise: body.defaults.addBos, name: 'bos' },
        { key: 'tokenizer.ggml.add_eos_token', wanted: tokenizer.addEos, otherwise: body.defaults.addEos, name: 'eos' },
    ];
    return roles
        .filter(({ key, wanted, otherwise }) => !metadata.has(key) && wanted !== otherwise)
        .map(({ key, wanted, name }) => ({
        key,
        value: wanted,
        note: `${key} is written, since the tokenizer ${wanted ? 'adds' : 'does not add'} ${name} and llama.cpp would do otherwise by itself.`,
    }));
}
/** One template, or several by name: letters, digits and `_` only, with a list of the names that are not `default` (`add_chat_template`, gguf_writer.py). */
function templateEntries(templates) {
    const main = (template) => ['tokenizer.chat_template', { type: 'STRING', value: template }];
    if (templates === undefined)
        return [];
    if (typeof templates === 'string')
        return [main(templates)];
    const named = templates.map(({ name, template }) => ({ name: name.replace(/[^A-Za-z0-9]/g, '_'), template }));
    const others = named.filter(({ name }) => name !== 'default' && name !== '');
    const first = named.findLast(({ name }) => name === 'default');
    const names = [...new Set(others.map(({ name }) => name))];
    return [
        ...others.map(({ name, template }) => [`tokenizer.chat_template.${name}`, { type: 'STRING', value: template }]),
        ...(names.length > 0 ? [['tokenizer.chat_templates', { type: 'ARRAY', of: 'STRING', value: names }]] : []),
        ...(first === undefined ? [] : [main(first.template)]),
    ];
}
/** Flags of the normalizer that llama.cpp's BERT kind reads (`_parse_normalizer`, gguf-py/gguf/vocab.py). */
function normalizerEntries(normalizer) {
    const found = {};
    for (const stage of normalizer === undefined ? [] : flatten(normalizer, 'normalizers')) {
        switch (stage.field('type').value) {
            case 'Lowercase':
                found.lowercase = true;
                break;
            case 'StripAccents':
                found.strip_accents = true;
                break;
            case 'BertNormalizer':
                for (const name of ['lowercase', 'strip_accents']) {
                    const value = stage.optional(name)?.value;
                    if (typeof value === 'boolean')
                        found[name] = value;
                }
        }
    }
    const order = ['lowercase', 'strip_accents'];
    return order.flatMap((name) => (found[name] === undefined ? [] : [[`tokenizer.ggml.normalizer.${name}`, flag(found[name])]]));
}
/** Encodes the probe texts with what was written and with the source, special tokens around them. */
function compared(metadata, tokenizer, texts) {
    const written = tokenizerFromGguf(metadata, 'the vocabulary');
    const framed = { addSpecialTokens: true };
    const differing = texts.filter((text) => !sameIds(written.encode(text, framed), tokenizer.encode(text, framed)));
    const [differs] = differing;
    return { equal: texts.length - differing.length, all: texts.length, ...(differs !== undefined && { differs }) };
}
//# sourceMappingURL=gguf-vocabulary.js.map