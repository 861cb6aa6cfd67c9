import { SPECIAL_ROLES } from '../tokenizer.js';
/** A token is named by its text, or by an object that has it as `content`. */
function tokenText(reader) {
    if (reader === undefined)
        return undefined;
    if (typeof reader.value === 'string')
        return reader.value;
    return typeof reader.value === 'object' ? reader.optional('content')?.string() : undefined;
}
/**
 * Text in tokenizer_config.json, else in special_tokens_map.json, else the id in config.json.
 * A text the vocabulary does not have names no token, as in files edited by hand.
 */
export function readSpecialTokens(vocabulary, files) {
    const ids = {};
    const texts = new Set();
    for (const role of SPECIAL_ROLES) {
        for (const file of [files.tokenizerConfig, files.specialTokensMap]) {
            const text = tokenText(file?.optional(`${role}_token`));
            const id = text === undefined ? undefined : vocabulary.tokenIds.get(text);
            if (text === undefined || id === undefined)
                continue;
            texts.add(text);
            ids[role] ??= id;
        }
        const id = files.config?.[`${role}_token_id`];
        if (typeof id === 'number' && vocabulary.tokens[id] !== undefined)
            ids[role] ??= id;
    }
    for (const file of [files.tokenizerConfig, files.specialTokensMap]) {
        const listed = file?.optional('additional_special_tokens');
        if (listed === undefined || !Array.isArray(listed.value))
            continue;
        for (const item of listed.list(65536)) {
            const text = tokenText(item);
            if (text !== undefined && vocabulary.tokenIds.has(text))
                texts.add(text);
        }
    }
    return { ids, texts };
}
//# sourceMappingURL=special-tokens.js.map