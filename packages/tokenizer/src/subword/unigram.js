import { createPairTable } from './pair-table.js';
const encoder = new TextEncoder();
const UNKNOWN = -2;
const NONE = -1;
export function createUnigramModel(options) {
    const { pieces, unknownId, unknownScore, fuseUnknown, byteIds } = options;
    // A trie over UTF-16 units: nodes are numbers, `children` maps (node, unit) to a node, `pieceAt` the node's piece.
    const children = createPairTable(pieces.length * 3);
    const pieceAt = [NONE];
    pieces.forEach(({ text }, index) => {
        let node = 0;
        for (let at = 0; at < text.length; at++) {
            let child = children.get(node, text.charCodeAt(at));
            if (child < 0) {
                child = pieceAt.length;
                pieceAt.push(NONE);
                children.add(node, text.charCodeAt(at), child);
            }
            node = child;
        }
        if (node > 0)
            pieceAt[node] = index;
    });
    /** The best piece ending at each place (index into `pieces`, or UNKNOWN) and where it begins. */
    const search = (text) => {
        const best = new Float64Array(text.length + 1).fill(Number.NEGATIVE_INFINITY);
        const piece = new Int32Array(text.length + 1).fill(NONE);
        const start = new Int32Array(text.length + 1);
        best[0] = 0;
        for (let from = 0; from < text.length;) {
            const width = text.codePointAt(from) > 0xffff ? 2 : 1;
            let single = false;
            for (let to = from, node = 0; to < text.length;) {
                node = children.get(node, text.charCodeAt(to++));
                if (node < 0)
                    break;
                const found = pieceAt[node];
                if (found < 0)
                    continue;
                if (to - from === width)
                    single = true;
                const score = best[from] + pieces[found].score;
                if (score > best[to]) {
                    best[to] = score;
                    piece[to] = found;
                    start[to] = from;
                }
            }
            const score = best[from] + unknownScore;
            if (!single && score > best[from + width]) {
                best[from + width] = score;
                piece[from + width] = UNKNOWN;
                start[from + width] = from;
            }
            from += width;
        }
        return { piece, start };
    };
    return {
        encode(text, output) {
            const { piece, start } = search(text);
            const ends = [];
            for (let end = text.length; end > 0; end = start[end])
                ends.push(end);
            let afterUnknown = false;
            for (const end of ends.reverse()) {
                const found = piece[end];
                if (found !== UNKNOWN)
                    output.push(pieces[found].id);
                else {
                    const bytes = byteIds === undefined ? undefined : encoder.encode(text.slice(start[end], end));
                    if (bytes?.every((byte) => byteIds[byte] >= 0))
                        for (const byte of bytes)
                            output.push(byteIds[byte]);
                    else if (unknownId !== undefined && !(fuseUnknown && afterUnknown))
                        output.push(unknownId);
                }
                afterUnknown = found === UNKNOWN;
            }
        },
    };
}
//# sourceMappingURL=unigram.js.map