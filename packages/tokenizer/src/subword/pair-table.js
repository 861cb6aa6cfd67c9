// A hash table from two non-negative 32-bit integers to one, in typed arrays: merges of a BPE, adjacent characters.
// It is not a Map with joined keys: 600 000 merges take 25 MB and some 50 ms here, ten times that as strings.
const EMPTY = -1;
const slotOf = (left, right, mask) => {
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x2c1b3c6d);
    return (hash ^ (hash >>> 13)) & mask;
};
/** An empty table with room for `expected` pairs; it grows when it gets more. */
export function createPairTable(expected) {
    let mask = (1 << Math.max(4, Math.ceil(Math.log2(Math.max(1, expected) * 1.8)))) - 1;
    let lefts = new Int32Array(mask + 1).fill(EMPTY);
    let rights = new Int32Array(mask + 1);
    let values = new Int32Array(mask + 1);
    let size = 0;
    const grow = () => {
        const [oldLefts, oldRights, oldValues] = [lefts, rights, values];
        mask = mask * 2 + 1;
        lefts = new Int32Array(mask + 1).fill(EMPTY);
        rights = new Int32Array(mask + 1);
        values = new Int32Array(mask + 1);
        size = 0;
        for (let slot = 0; slot < oldLefts.length; slot++) {
            if (oldLefts[slot] !== EMPTY)
                add(oldLefts[slot], oldRights[slot], oldValues[slot]);
        }
    };
    const add = (left, right, value) => {
        if (size * 4 > (mask + 1) * 3)
            grow();
        let slot = slotOf(left, right, mask);
        while (lefts[slot] !== EMPTY) {
            if (lefts[slot] === left && rights[slot] === right)
                return false;
            slot = (slot + 1) & mask;
        }
        lefts[slot] = left;
        rights[slot] = right;
        values[slot] = value;
        size++;
        return true;
    };
    const get = (left, right) => {
        let slot = slotOf(left, right, mask);
        while (lefts[slot] !== EMPTY) {
            if (lefts[slot] === left && rights[slot] === right)
                return values[slot];
            slot = (slot + 1) & mask;
        }
        return -1;
    };
    return {
        get size() {
            return size;
        },
        add,
        get,
    };
}
//# sourceMappingURL=pair-table.js.map