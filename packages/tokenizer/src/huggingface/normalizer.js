// The `normalizer` of a tokenizer.json, stage by stage. Regular expressions are translated by `pattern.ts`.
// Stages that are not known are refused: a tokenizer without them would give wrong ids and say nothing.
import { fail } from '../errors.js';
import { DEEPEST_STAGES, LONGEST_REPLACEMENT, MOST_GROWTH, MOST_STAGES } from '../limits.js';
import { createCharsmap } from '../sentencepiece/charsmap.js';
import { fromBase64 } from '../text/base64.js';
import { toByteCharacters } from '../text/byte-alphabet.js';
import { bertNormalized, lowercased } from '../text/normalize.js';
import { readPattern } from './pattern.js';
/** @throws FsError for stages that are unknown, malformed, too many or too deep. */
export function readNormalizer(reader) {
    if (reader === undefined)
        return (text) => text;
    const stages = flatten(reader, 'normalizers').map(readStage);
    return (text) => {
        const most = text.length * MOST_GROWTH + 1024;
        let result = text;
        for (const stage of stages) {
            result = stage(result);
            if (result.length > most) {
                throw fail('tokenizer/text-growth', `${reader.where}: makes ${text.length} characters more than ${most}; check where the file is from`, {
                    length: text.length,
                });
            }
        }
        return result;
    };
}
/** Stages of nested sequences, in order. */
export function flatten(reader, listName, depth = 0) {
    if (reader.field('type').string() !== 'Sequence')
        return [reader];
    if (depth > DEEPEST_STAGES)
        throw reader.malformed(`a sequence nested at most ${DEEPEST_STAGES} deep`);
    const stages = reader
        .field(listName)
        .list(MOST_STAGES)
        .flatMap((stage) => flatten(stage, listName, depth + 1));
    if (stages.length > MOST_STAGES)
        throw reader.malformed(`a sequence of at most ${MOST_STAGES} stages`);
    return stages;
}
const short = (reader) => {
    const text = reader.string();
    if (text.length > LONGEST_REPLACEMENT)
        throw reader.malformed(`a text of at most ${LONGEST_REPLACEMENT} characters`);
    return text;
};
function readStage(reader) {
    const type = reader.field('type').string();
    const flag = (name, otherwise) => reader.optional(name)?.boolean() ?? otherwise;
    switch (type) {
        case 'NFC':
        case 'NFD':
        case 'NFKC':
        case 'NFKD':
            return (text) => text.normalize(type);
        case 'Lowercase':
            return lowercased;
        case 'StripAccents':
            return (text) => text.replace(/\p{M}/gu, '');
        case 'Strip': {
            const [left, right] = [flag('strip_left', true), flag('strip_right', true)];
            return (text) => {
                const cut = left ? text.replace(/^\p{White_Space}+/u, '') : text;
                return right ? cut.trimEnd() : cut;
            };
        }
        case 'Replace': {
            const pattern = readPattern(reader.field('pattern'));
            const content = short(reader.field('content'));
            return (text) => text.replace(pattern, () => content);
        }
        case 'Prepend': {
            const prefix = short(reader.field('prepend'));
            return (text) => (text.length > 0 ? prefix + text : text);
        }
        case 'ByteLevel':
            return toByteCharacters;
        case 'BertNormalizer': {
            const lowercase = flag('lowercase', true);
            const options = {
                cleanText: flag('clean_text', true),
                handleChineseCharacters: flag('handle_chinese_chars', true),
                stripAccents: flag('strip_accents', lowercase),
                lowercase,
            };
            return (text) => bertNormalized(text, options);
        }
        case 'Precompiled': {
            const field = reader.optional('precompiled_charsmap');
            if (field === undefined)
                return (text) => text;
            const charsmap = createCharsmap(fromBase64(field.string(), field.where), field.where);
            return (text) => charsmap.normalize(text);
        }
        default:
            throw fail('tokenizer/unsupported', `${reader.where}: the normalizer "${type}" is not implemented, so texts would get wrong ids`, {
                type,
            });
    }
}
//# sourceMappingURL=normalizer.js.map