import { ROLE_KEYS } from '../gguf/read.js';
import { flatten } from '../huggingface/normalizer.js';
/** In the order they are looked up; `cls` has an id but no key, and `eot` and `eom` join when a template ends otherwise than with eos. */
const ROLES = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask'];
const ADD_KEYS = {
    bos: 'tokenizer.ggml.add_bos_token',
    eos: 'tokenizer.ggml.add_eos_token',
    sep: 'tokenizer.ggml.add_sep_token',
};
export function specialEntries(sources) {
    const { tokenizerJson, tokenizerConfig, config, limit } = sources;
    const found = { texts: configuredTexts(tokenizerConfig), add: new Map(), roles: [...ROLES] };
    const processor = tokenizerJson?.optional('post_processor');
    if (tokenizerJson !== undefined) {
        standIn(found.texts, 'bos', 'cls');
        standIn(found.texts, 'eos', 'sep');
    }
    for (const stage of processor === undefined ? [] : flatten(processor, 'processors'))
        readProcessor(stage, found, tokenizerConfig !== undefined);
    const ids = new Map();
    const set = (role, id) => {
        const valid = typeof id === 'number' && Number.isInteger(id) && id >= 0 && (limit === undefined || id < limit);
        if (valid && !ids.has(role))
            ids.set(role, id);
    };
    if (tokenizerConfig !== undefined) {
        const addedIds = new Map();
        for (const row of tokenizerJson?.optional('added_tokens')?.list(Number.POSITIVE_INFINITY) ?? []) {
            const content = row.field('content').string();
            if (!addedIds.has(content))
                addedIds.set(content, row.field('id').value);
        }
        for (const role of found.roles) {
            const wanted = tokenizerConfig.optional(`add_${role}_token`)?.value;
            if (typeof wanted === 'boolean')
                found.add.set(role, wanted);
            const text = found.texts.get(role);
            if (text !== undefined)
                set(role, addedIds.get(text));
        }
    }
    const nested = config?.text_config;
    for (const role of found.roles) {
        const own = config?.[`${role}_token_id`];
        set(role, own ?? (typeof nested === 'object' && nested !== null ? nested[`${role}_token_id`] : undefined));
    }
    const entries = new Map();
    for (const [role, id] of ids)
        if (role !== 'cls')
            entries.set(ROLE_KEYS[role], { type: 'UINT32', value: id });
    for (const [role, value] of found.add) {
        const key = ADD_KEYS[role];
        if (key !== undefined)
            entries.set(key, { type: 'BOOL', value });
    }
    return entries;
}
function configuredTexts(tokenizerConfig) {
    const texts = new Map();
    for (const role of ROLES) {
        const field = tokenizerConfig?.optional(`${role}_token`);
        const text = typeof field?.value === 'object' ? field.optional('content')?.value : field?.value;
        if (typeof text === 'string' && text !== '')
            texts.set(role, text);
    }
    return texts;
}
/** BERT's kind names no bos and eos; its cls and sep take their place. */
function standIn(texts, role, other) {
    const text = texts.get(other);
    if (!texts.has(role) && text !== undefined)
        texts.set(role, text);
}
function readProcessor(stage, found, configured) {
    switch (stage.field('type').value) {
        case 'RobertaProcessing': {
            for (const role of ['bos', 'eos', 'sep'])
                found.add.set(role, true);
            for (const [role, other] of [
                ['cls', 'bos'],
                ['sep', 'eos'],
            ]) {
                const text = stage.optional(role)?.list(2)[0]?.string() ?? found.texts.get(other);
                if (configured && !found.texts.has(role) && text !== undefined)
                    found.texts.set(role, text);
            }
            return;
        }
        case 'TemplateProcessing':
            readTemplate(stage, found, configured);
    }
}
const specialName = (item) => item?.optional('SpecialToken')?.field('id').string();
const sequenceName = (item) => item?.optional('Sequence')?.field('id').string();
function readTemplate(stage, { texts, add, roles }, configured) {
    const single = stage.optional('single')?.list(64) ?? [];
    const first = single.length > 1 ? specialName(single[0]) : undefined;
    const last = single.length > 1 ? specialName(single.at(-1)) : undefined;
    const isFirst = () => first === texts.get('bos') || first === texts.get('cls');
    if (first !== undefined) {
        if (!configured)
            texts.set('bos', first);
        else if (!isFirst())
            for (const role of ['bos', 'cls'])
                if (!texts.has(role))
                    texts.set(role, first);
        add.set('bos', isFirst());
    }
    if (last !== undefined) {
        const eos = texts.get('eos');
        if (configured && last !== eos) {
            // The token that ends a text takes eos's place; what was eos ends a turn or, failing that, a message.
            const displaced = ['eot', 'eom'].find((role) => !roles.includes(role));
            if (displaced !== undefined) {
                roles.push(displaced);
                if (eos !== undefined)
                    texts.set(displaced, eos);
            }
        }
        texts.set('eos', last);
        add.set('eos', true);
    }
    const pair = stage.optional('pair')?.list(64) ?? [];
    const start = first !== undefined && specialName(pair[0]) === first ? 1 : 0;
    const inner = pair.slice(start, last !== undefined && specialName(pair.at(-1)) === last ? -1 : undefined);
    const middle = inner.slice(1, -1);
    if (sequenceName(inner[0]) !== 'A' || sequenceName(inner.at(-1)) !== 'B' || middle.length === 0)
        return;
    const separates = (item) => {
        const name = specialName(item);
        return name !== undefined && (name === texts.get('sep') || name === texts.get('eos'));
    };
    const addSep = (separates(middle[0]) && last === undefined) || (middle.length === 2 && separates(middle[1]));
    add.set('sep', addSep);
    const eos = texts.get('eos');
    if (addSep && configured && !texts.has('sep') && eos !== undefined)
        texts.set('sep', eos);
}
//# sourceMappingURL=special-vocabulary.js.map