// Base64 from files, checked: a wrong character is an error with a place, not a silent end.
import { fail } from '../errors.js';
/** @param where file and place, for the message. @throws FsError when the text is not base64. */
export function fromBase64(text, where) {
    let binary;
    try {
        binary = atob(text);
    }
    catch (cause) {
        throw fail('tokenizer/malformed', `${where} is not base64; download the file again`, { where }, cause);
    }
    const bytes = new Uint8Array(binary.length);
    for (let index = 0; index < binary.length; index++)
        bytes[index] = binary.charCodeAt(index);
    return bytes;
}
//# sourceMappingURL=base64.js.map