// The decoder of SentencePiece vocabularies: tokens are text with `▁` for a space, and `<0x41>` tokens are single bytes.
// Byte-level BPE, where every token is bytes, is in `decoder.ts`.
import { completePrefix, concatenate, lossyText, strictText } from '../text/utf8.js';
const encoder = new TextEncoder();
/** A run of byte tokens is its text when it is well-formed, else one U+FFFD for each byte (`ByteFallback` of huggingface/tokenizers). */
const runText = (run) => strictText(run) ?? '\ufffd'.repeat(run.length);
export function byteFallbackDecoder(options) {
    const { piece, stripStart } = options;
    const createStripper = () => {
        let left = stripStart;
        return (text) => {
            let cut = 0;
            while (left > 0 && cut < text.length) {
                if (text[cut] !== ' ')
                    left = 0;
                else {
                    left--;
                    cut++;
                }
            }
            return text.slice(cut);
        };
    };
    return {
        bytes(id) {
            const found = piece(id, false);
            if (found === undefined)
                return undefined;
            return 'byte' in found ? Uint8Array.of(found.byte) : encoder.encode(found.text);
        },
        decode(ids) {
            let text = '';
            let run = [];
            let first = true;
            for (const id of ids) {
                const found = piece(id, first);
                if (found === undefined)
                    continue;
                first = false;
                if ('byte' in found)
                    run.push(found.byte);
                else {
                    if (run.length > 0)
                        text += runText(Uint8Array.from(run));
                    run = [];
                    text += found.text;
                }
            }
            if (run.length > 0)
                text += runText(Uint8Array.from(run));
            return createStripper()(text);
        },
        /** Equal to `decode` where bytes spell whole characters; where they do not, characters already given are not taken back. */
        createStream() {
            let strip = createStripper();
            let pending = new Uint8Array();
            let first = true;
            const flush = () => {
                const rest = runText(pending);
                pending = new Uint8Array();
                return rest;
            };
            return {
                push(id) {
                    const found = piece(id, first);
                    if (found === undefined)
                        return '';
                    first = false;
                    if ('text' in found)
                        return strip(flush() + found.text);
                    const all = concatenate([pending, Uint8Array.of(found.byte)]);
                    const whole = completePrefix(all);
                    pending = all.subarray(whole);
                    return strip(lossyText(all.subarray(0, whole)));
                },
                end() {
                    const rest = strip(flush());
                    strip = createStripper();
                    first = true;
                    return rest;
                },
            };
        },
    };
}
//# sourceMappingURL=byte-fallback.js.map