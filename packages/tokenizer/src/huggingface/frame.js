// The `post_processor` of a tokenizer.json, as far as one text is concerned: which ids go before and after it.
// Pairs of texts and type ids are not read; nothing in the toolkit encodes pairs.
import { fail } from '../errors.js';
import { flatten } from './normalizer.js';
import { quote } from './vocabulary.js';
/** @throws FsError for processors that are unknown, or tokens the vocabulary does not have. */
export function readFrame(reader, vocabulary) {
    if (reader === undefined)
        return { before: [], after: [] };
    let frame = { before: [], after: [] };
    for (const stage of flatten(reader, 'processors')) {
        const outer = readProcessor(stage, vocabulary);
        frame = { before: [...outer.before, ...frame.before], after: [...frame.after, ...outer.after] };
    }
    return frame;
}
function readProcessor(reader, vocabulary) {
    const type = reader.field('type').string();
    switch (type) {
        case 'ByteLevel':
            return { before: [], after: [] };
        case 'BertProcessing':
        case 'RobertaProcessing': {
            const id = (name) => {
                const [token, number] = reader.field(name).list(2);
                if (token === undefined || number === undefined)
                    throw reader.field(name).malformed('a token and its id');
                return existing(number, vocabulary, token.string());
            };
            return { before: [id('cls')], after: [id('sep')] };
        }
        case 'TemplateProcessing':
            return readTemplate(reader, vocabulary);
        default:
            throw fail('tokenizer/unsupported', `${reader.where}: the post-processor "${type}" is not implemented`, { type });
    }
}
/** `[{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}, …]`; the ids of a name are in `special_tokens`. */
function readTemplate(reader, vocabulary) {
    const before = [];
    const after = [];
    let seen = false;
    for (const item of reader.field('single').list(64)) {
        const special = item.optional('SpecialToken');
        if (special === undefined) {
            if (seen)
                throw item.malformed('a special token, after the one place for the text');
            item.field('Sequence');
            seen = true;
            continue;
        }
        const name = special.field('id').string();
        const ids = reader.field('special_tokens').field(name).field('ids').list(64);
        for (const id of ids)
            (seen ? after : before).push(existing(id, vocabulary, name));
    }
    if (!seen)
        throw reader.field('single').malformed('a template with a place for the text');
    return { before, after };
}
function existing(reader, vocabulary, name) {
    const id = reader.integer(Math.max(0, vocabulary.tokens.length - 1));
    if (vocabulary.tokens[id] === undefined) {
        throw fail('tokenizer/id-out-of-range', `${reader.where}: ${quote(name)} has the id ${id}, which no token has`, { id });
    }
    return id;
}
//# sourceMappingURL=frame.js.map