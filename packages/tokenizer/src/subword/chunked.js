import { createPairTable } from './pair-table.js';
/**
 * Wraps a merging model (byte-pair or by scores) over characters.
 * @param tokens every text a merge can make.
 * @param fusedId the unknown token when runs of it count as one, else -1.
 */
export function chunked(model, tokens, fusedId) {
    const joinable = createPairTable(4096);
    for (const token of tokens) {
        for (let index = 1; index < token.length; index++)
            joinable.add(token.charCodeAt(index - 1), token.charCodeAt(index), 1);
    }
    return {
        encode(word, output) {
            const first = output.length;
            let start = 0;
            for (let index = 1; index <= word.length; index++) {
                if (index < word.length) {
                    const before = word.charCodeAt(index - 1);
                    // A surrogate pair is one character, whether or not a token has it.
                    if ((before & 0xfc00) === 0xd800 && (word.charCodeAt(index) & 0xfc00) === 0xdc00)
                        continue;
                    if (joinable.get(before, word.charCodeAt(index)) >= 0)
                        continue;
                }
                const border = output.length;
                model.encode(word.slice(start, index), output);
                if (fusedId >= 0 && border > first && output[border - 1] === fusedId && output[border] === fusedId)
                    output.splice(border, 1);
                start = index;
            }
        },
    };
}
//# sourceMappingURL=chunked.js.map