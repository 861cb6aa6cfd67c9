// Ids to text: the contract every decoder keeps, and the byte-level one (GPT-2, Llama 3, Qwen).
// Which ids are left out is decided by the caller.
import { completePrefix, concatenate, lossyText } from '../text/utf8.js';
/** Every token is bytes, and the text is what all of them spell; what spells nothing becomes U+FFFD. */
export function byteLevelDecoder(bytes) {
    const none = new Uint8Array();
    return {
        bytes,
        decode: (ids) => lossyText(concatenate(ids.map((id) => bytes(id) ?? none))),
        createStream() {
            let pending = none;
            return {
                push(id) {
                    const all = concatenate([pending, bytes(id) ?? none]);
                    const whole = completePrefix(all);
                    pending = all.subarray(whole);
                    return lossyText(all.subarray(0, whole));
                },
                end() {
                    const rest = lossyText(pending);
                    pending = none;
                    return rest;
                },
            };
        },
    };
}
//# sourceMappingURL=decoder.js.map