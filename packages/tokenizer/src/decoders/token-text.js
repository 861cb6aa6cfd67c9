const encoder = new TextEncoder();
/**
 * Undoes the space a joined text has before punctuation and English contractions, in one token's text.
 * Order and pairs: `cleanup` in `decoders/wordpiece.rs` of huggingface/tokenizers.
 */
export function cleanedUp(text) {
    return text
        .replaceAll(' .', '.')
        .replaceAll(' ?', '?')
        .replaceAll(' !', '!')
        .replaceAll(' ,', ',')
        .replaceAll(" ' ", "'")
        .replaceAll(" n't", "n't")
        .replaceAll(" 'm", "'m")
        .replaceAll(' do not', " don't")
        .replaceAll(" 's", "'s")
        .replaceAll(" 've", "'ve")
        .replaceAll(" 're", "'re");
}
/** @param text what a token adds at the start of a text (`first`) or after other tokens. */
export function tokenTextDecoder(text) {
    const createStream = () => {
        let first = true;
        return {
            push(id) {
                const found = text(id, first);
                if (found === undefined)
                    return '';
                first = false;
                return found;
            },
            end() {
                first = true;
                return '';
            },
        };
    };
    return {
        bytes(id) {
            const found = text(id, false);
            return found === undefined ? undefined : encoder.encode(found);
        },
        decode(ids) {
            const stream = createStream();
            return ids.map((id) => stream.push(id)).join('');
        },
        createStream,
    };
}
//# sourceMappingURL=token-text.js.map