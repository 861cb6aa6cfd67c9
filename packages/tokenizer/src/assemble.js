import { fail } from './errors.js';
export function assembleTokenizer(parts) {
    const { tokens, tokenIds, special, controlIds, frame, literals, encodeSection, decoder } = parts;
    const encodeText = (text, offset, mayBeControl, output) => {
        let from = 0;
        for (const match of literals.find(text, mayBeControl)) {
            if (match.start > from)
                encodeSection(text.slice(from, match.start), offset + from, shifted(mayBeControl, from), output);
            output.push(match.id);
            from = match.end;
        }
        if (from < text.length)
            encodeSection(text.slice(from), offset + from, shifted(mayBeControl, from), output);
    };
    const encodeSegments = (segments, options = {}) => {
        const framed = options.addSpecialTokens === true;
        const output = framed ? [...frame.before] : [];
        const runs = joinRuns(segments);
        if (parts.separateSegments) {
            let offset = 0;
            for (const { type, text } of runs) {
                encodeText(text, offset, () => type === 'special', output);
                offset += text.length;
            }
        }
        else
            encodeText(runs.map((run) => run.text).join(''), 0, scopeOf(runs), output);
        if (framed)
            output.push(...frame.after);
        return output;
    };
    const kept = (ids, options = {}) => {
        const list = Array.from(ids);
        for (const id of list)
            requireId(id);
        return options.skipSpecialTokens === true ? list.filter((id) => !controlIds.has(id)) : list;
    };
    return {
        vocabularySize: tokens.length,
        special,
        addBos: special.bos !== undefined && frame.before[0] === special.bos,
        addEos: special.eos !== undefined && frame.after.at(-1) === special.eos,
        encode: (text, { addSpecialTokens, parseSpecial = false }) => encodeSegments([{ type: parseSpecial ? 'special' : 'text', text }], { addSpecialTokens }),
        encodeSegments,
        decode: (ids, options) => decoder.decode(kept(ids, options)),
        createDecodeStream(options = {}) {
            const stream = decoder.createStream();
            return {
                push: (id) => {
                    requireId(id);
                    return options.skipSpecialTokens === true && controlIds.has(id) ? '' : stream.push(id);
                },
                end: () => stream.end(),
            };
        },
        tokenToId: (token) => tokenIds.get(token),
        idToToken: (id) => tokens[id],
        idToBytes: (id) => decoder.bytes(id),
        isSpecial: (id) => controlIds.has(id),
    };
}
function requireId(id) {
    if (!Number.isInteger(id) || id < 0) {
        throw fail('tokenizer/id-out-of-range', `${id} is not a token id; ids are integers from 0 on`, { id });
    }
}
const shifted = (mayBeControl, by) => (start, end) => mayBeControl(start + by, end + by);
/** The segments with neighbours of one kind joined, since a border between them means nothing. */
function joinRuns(segments) {
    const runs = [];
    for (const { type, text } of segments) {
        const last = runs.at(-1);
        if (text.length === 0)
            continue;
        if (last?.type === type)
            last.text += text;
        else
            runs.push({ type, text });
    }
    return runs;
}
/** Control tokens may be where one special run covers all of them. */
function scopeOf(runs) {
    const ends = [];
    let end = 0;
    for (const run of runs) {
        end += run.text.length;
        ends.push(end);
    }
    return (start, stop) => {
        let [low, high] = [0, ends.length - 1];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (ends[middle] > start)
                high = middle;
            else
                low = middle + 1;
        }
        return runs[low]?.type === 'special' && stop <= ends[low];
    };
}
//# sourceMappingURL=assemble.js.map