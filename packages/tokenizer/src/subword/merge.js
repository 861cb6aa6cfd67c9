// The loop of byte-pair encoding: join the best adjacent pair of symbols until no pair can be joined.
// What "best" means is the caller's: a merge list (Hugging Face, GPT-2) or token scores (SentencePiece).
/** Words up to this many symbols are scanned for their best pair; measured break-even with the heap is between 20 and 40. */
const SCAN_LIMIT = 28;
/** Joins `symbols` in place as far as `rules` allow, and returns how many are left at its start. */
export function mergeSymbols(symbols, rules) {
    return symbols.length <= SCAN_LIMIT ? mergeByScan(symbols, rules) : mergeByHeap(symbols, rules);
}
function mergeByScan(symbols, rules) {
    let length = symbols.length;
    const joins = new Array(length);
    for (let index = 0; index + 1 < length; index++)
        joins[index] = rules.find(symbols[index], symbols[index + 1]);
    for (;;) {
        let best = -1;
        let bestRank = Number.POSITIVE_INFINITY;
        for (let index = 0; index + 1 < length; index++) {
            const join = joins[index];
            if (join < 0)
                continue;
            const rank = rules.rank(join);
            if (rank < bestRank) {
                best = index;
                bestRank = rank;
            }
        }
        if (best < 0)
            return length;
        symbols[best] = rules.result(joins[best]);
        length--;
        for (let index = best + 1; index < length; index++) {
            symbols[index] = symbols[index + 1];
            joins[index] = joins[index + 1];
        }
        if (best > 0)
            joins[best - 1] = rules.find(symbols[best - 1], symbols[best]);
        if (best + 1 < length)
            joins[best] = rules.find(symbols[best], symbols[best + 1]);
    }
}
/** 2^31: a heap key is `rank * POSITIONS + position`, exact in a double for ranks under 2^22. */
const POSITIONS = 0x80000000;
/** O(n log n), for words of any length: a text without spaces in it is one word. */
function mergeByHeap(symbols, rules) {
    const length = symbols.length;
    const next = new Int32Array(length);
    const previous = new Int32Array(length);
    const joins = new Int32Array(length).fill(-1);
    const heap = createMinHeap(length);
    const consider = (position) => {
        const join = next[position] < length ? rules.find(symbols[position], symbols[next[position]]) : -1;
        joins[position] = join;
        if (join >= 0)
            heap.push(rules.rank(join) * POSITIONS + position);
    };
    for (let position = 0; position < length; position++) {
        next[position] = position + 1;
        previous[position] = position - 1;
    }
    for (let position = 0; position + 1 < length; position++)
        consider(position);
    while (heap.size() > 0) {
        const key = heap.pop();
        const position = key % POSITIONS;
        const join = joins[position];
        if (join < 0 || rules.rank(join) !== (key - position) / POSITIONS)
            continue;
        const right = next[position];
        symbols[position] = rules.result(join);
        joins[right] = -1;
        next[position] = next[right];
        if (next[right] < length)
            previous[next[right]] = position;
        consider(position);
        if (previous[position] >= 0)
            consider(previous[position]);
    }
    let count = 0;
    for (let position = 0; position < length; position = next[position])
        symbols[count++] = symbols[position];
    return count;
}
function createMinHeap(capacity) {
    let keys = new Float64Array(Math.max(16, capacity));
    let size = 0;
    return {
        size: () => size,
        push(key) {
            if (size === keys.length) {
                const grown = new Float64Array(size * 2);
                grown.set(keys);
                keys = grown;
            }
            let at = size++;
            while (at > 0) {
                const parent = (at - 1) >> 1;
                if (keys[parent] <= key)
                    break;
                keys[at] = keys[parent];
                at = parent;
            }
            keys[at] = key;
        },
        /** Removes the least key; the heap must not be empty. */
        pop() {
            const least = keys[0];
            const last = keys[--size];
            let at = 0;
            for (;;) {
                let child = at * 2 + 1;
                if (child >= size)
                    break;
                if (child + 1 < size && keys[child + 1] < keys[child])
                    child++;
                if (keys[child] >= last)
                    break;
                keys[at] = keys[child];
                at = child;
            }
            keys[at] = last;
            return least;
        },
    };
}
//# sourceMappingURL=merge.js.map