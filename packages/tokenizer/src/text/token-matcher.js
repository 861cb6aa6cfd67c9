// Finds whole tokens spelled out in a text (`<|im_end|>`, runs of spaces that are one token) before anything else is done to it.
// It decides where tokens are, not what happens to the text between them.
/** A trie over UTF-16 units; the first of two tokens with one text wins. */
function buildTrie(tokens) {
    const root = { children: new Map() };
    for (const token of tokens) {
        if (token.text.length === 0)
            continue;
        let node = root;
        for (let index = 0; index < token.text.length; index++) {
            const unit = token.text.charCodeAt(index);
            let child = node.children.get(unit);
            if (child === undefined) {
                child = { children: new Map() };
                node.children.set(unit, child);
            }
            node = child;
        }
        node.token ??= token;
    }
    return root;
}
/** `\w` of the Rust regex crate, which decides what "single word" means. */
const WORD_CHARACTER = String.raw `[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]`;
const ENDS_IN_WORD = new RegExp(`${WORD_CHARACTER}$`, 'u');
const BEGINS_WORD = new RegExp(`^${WORD_CHARACTER}`, 'u');
/** True when no word character touches `start … end`; two units reach any code point beside it. */
function standsAlone(text, start, end) {
    return !ENDS_IN_WORD.test(text.slice(Math.max(0, start - 2), start)) && !BEGINS_WORD.test(text.slice(end, end + 2));
}
const WHITESPACE = /\p{White_Space}/u;
/** The match with the whitespace its token swallows, reaching left no further than `from`. */
function stripped(text, token, start, from) {
    let end = start + token.text.length;
    let begin = start;
    if (token.leftStrip)
        while (begin > from && WHITESPACE.test(text[begin - 1]))
            begin--;
    if (token.rightStrip)
        while (end < text.length && WHITESPACE.test(text[end]))
            end++;
    return { id: token.id, start: begin, end };
}
/** Calls `visit` with each token that begins at `start`, shortest first. */
function eachAt(root, text, start, visit) {
    let node = root.children.get(text.charCodeAt(start));
    for (let index = start + 1; node !== undefined; index++) {
        if (node.token !== undefined)
            visit(node.token);
        node = index < text.length ? node.children.get(text.charCodeAt(index)) : undefined;
    }
}
/** Leftmost first, longest among those that begin together: how Hugging Face's library looks for added tokens. */
export function leftmostLongest(tokens) {
    const root = buildTrie(tokens);
    return {
        find(text, mayBeControl) {
            const matches = [];
            if (root.children.size === 0)
                return matches;
            let from = 0;
            for (let start = 0; start < text.length; start++) {
                if (!root.children.has(text.charCodeAt(start)))
                    continue;
                let found;
                eachAt(root, text, start, (token) => {
                    if (!token.control || mayBeControl(start, start + token.text.length))
                        found = token;
                });
                if (found === undefined)
                    continue;
                const end = start + found.text.length;
                if (found.singleWord && !standsAlone(text, start, end)) {
                    start = end - 1;
                    continue;
                }
                const match = stripped(text, found, start, from);
                matches.push(match);
                from = match.end;
                start = match.end - 1;
            }
            return matches;
        },
    };
}
/** Longest tokens first, wherever they are, then the next shorter in what is left: how llama.cpp cuts a text (`tokenizer_st_partition`). */
export function longestFirst(tokens) {
    const root = buildTrie(tokens);
    return {
        find(text, mayBeControl) {
            if (root.children.size === 0)
                return [];
            const present = new Set();
            for (let start = 0; start < text.length; start++) {
                if (root.children.has(text.charCodeAt(start)))
                    eachAt(root, text, start, (token) => present.add(token));
            }
            const taken = new Uint8Array(present.size > 0 ? text.length : 0);
            const matches = [];
            for (const token of [...present].sort((a, b) => b.text.length - a.text.length || a.id - b.id)) {
                const length = token.text.length;
                for (let start = text.indexOf(token.text); start >= 0;) {
                    // What is taken already was longer, so it covers one of the ends if it covers anything.
                    const free = taken[start] === 0 && taken[start + length - 1] === 0;
                    const allowed = free && (!token.control || mayBeControl(start, start + length));
                    if (allowed) {
                        taken.fill(1, start, start + length);
                        matches.push({ id: token.id, start, end: start + length });
                    }
                    start = text.indexOf(token.text, allowed ? start + length : start + 1);
                }
            }
            return matches.sort((a, b) => a.start - b.start);
        },
    };
}
//# sourceMappingURL=token-matcher.js.map