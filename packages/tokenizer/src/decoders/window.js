const encoder = new TextEncoder();
/** Ids decoded anew at each step, so that a token is seen with its left neighbours; longer dependence is unknown. */
const WINDOW = 8;
/** @param decode text of whole token lists; @param tokenText spelling of one id. */
export function windowDecoder(decode, tokenText) {
    return {
        bytes: (id) => (tokenText(id) === undefined ? undefined : encoder.encode(decode([id]))),
        decode,
        createStream() {
            let window = [];
            let given = '';
            return {
                push(id) {
                    window.push(id);
                    const text = decode(window);
                    if (text.endsWith('\ufffd') || !text.startsWith(given))
                        return '';
                    const gained = text.slice(given.length);
                    given = text;
                    if (window.length > WINDOW) {
                        window = window.slice(-WINDOW / 2);
                        given = decode(window);
                    }
                    return gained;
                },
                end() {
                    const text = decode(window);
                    const rest = text.startsWith(given) ? text.slice(given.length) : '';
                    window = [];
                    given = '';
                    return rest;
                },
            };
        },
    };
}
//# sourceMappingURL=window.js.map