// What all kinds of GGUF vocabularies share: special ids with llama.cpp's defaults, control tokens, the search for literal tokens.
// Source: `llama_vocab::impl::load` (src/llama-vocab.cpp, v0.5.0).
import { longestFirst } from '../text/token-matcher.js';
import { SPECIAL_ROLES } from '../tokenizer.js';
import { TOKEN_TYPES } from './read.js';
/** Texts that end a turn or a message wherever they occur, so that files which do not name them work too. */
const END_OF_TURN = [
    '<|eot_id|>',
    '<|im_end|>',
    '<|end|>',
    '<end_of_turn>',
    '<|endoftext|>',
    '<|end_of_text|>',
    '<EOT>',
    '_<EOT>',
    '[EOT]',
    '<｜end▁of▁sentence｜>',
    '<end_of_utterance>',
];
/** Ids the file names, else the kind's defaults where the vocabulary reaches them, else tokens known by their text. */
export function specialIds(vocabulary, defaults) {
    const ids = {};
    for (const role of SPECIAL_ROLES) {
        const id = vocabulary.ids[role] ?? defaults[role];
        if (id !== undefined && id < vocabulary.tokens.length)
            ids[role] = id;
    }
    const byText = (texts) => {
        const id = vocabulary.tokens.findIndex((token) => texts.includes(token));
        return id < 0 ? undefined : id;
    };
    const [eot, eom] = [ids.eot ?? byText(END_OF_TURN), ids.eom ?? byText(['<|eom_id|>'])];
    return { ...ids, ...(eot !== undefined && { eot }), ...(eom !== undefined && { eom }) };
}
/** Tokens no text may become: by type, and those that end a turn whatever their type says. */
export function controlIds(vocabulary, special) {
    const control = new Set();
    vocabulary.types.forEach((type, id) => {
        if (type === TOKEN_TYPES.CONTROL || type === TOKEN_TYPES.UNKNOWN)
            control.add(id);
    });
    for (const role of ['eot', 'eom'])
        if (special[role] !== undefined)
            control.add(special[role]);
    return control;
}
/** Control tokens, and tokens a user defined, are cut out of the text as it stands, longest first. */
export function literalMatcher(vocabulary, control) {
    const literals = [];
    vocabulary.tokens.forEach((text, id) => {
        if (!control.has(id) && vocabulary.types[id] !== TOKEN_TYPES.USER_DEFINED)
            return;
        literals.push({ id, text, control: control.has(id), singleWord: false, leftStrip: false, rightStrip: false });
    });
    return longestFirst(literals);
}
/** Ids by token; the last of equal tokens, as in llama.cpp. */
export function tokenIdMap(tokens) {
    return new Map(tokens.map((token, id) => [token, id]));
}
/** Tokens that ordinary text may become. */
export function usableIds(vocabulary, control) {
    const usable = new Map();
    vocabulary.tokens.forEach((token, id) => {
        if (!control.has(id) && vocabulary.types[id] !== TOKEN_TYPES.BYTE)
            usable.set(token, id);
    });
    return usable;
}
//# sourceMappingURL=common.js.map