// Refuses regular expressions from files that could take exponential time, or more than quadratic time, on some text.
// It judges JavaScript sources under the `u` flag; it does not translate other dialects.
/** Why a source is refused, or undefined when it is not. */
export function unsafeReason(source) {
    return nestedLoopReason(source) ?? slowProbeReason(source);
}
/** Counted repetition of alternatives is harmless up to here: `(A|B){1,4}`. */
const SMALL_COUNT = 16;
/**
 * Exponential time needs a loop around something that can match one text in several ways. So a repeated group must be a plain row of single
 * characters and exact counts; lookarounds in it are atomic and do not count. Every known tokenizer's pattern but those in
 * `KNOWN_NESTED` is like that.
 */
function nestedLoopReason(source) {
    let at = 0;
    let reason;
    const quantifier = () => {
        const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(source.slice(at, at + 32));
        if (found === null)
            return undefined;
        at += found[0].length;
        switch (found[0][0]) {
            case '*':
                return { min: 0, max: Number.POSITIVE_INFINITY };
            case '+':
                return { min: 1, max: Number.POSITIVE_INFINITY };
            case '?':
                return { min: 0, max: 1 };
            default: {
                const min = Number(found[1]);
                return { min, max: found[2] === '' ? min : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]) };
            }
        }
    };
    const alternatives = (depth) => {
        let variable = false;
        let choices = false;
        if (depth > 100)
            reason ??= 'groups are nested more than 100 deep';
        while (at < source.length && source[at] !== ')' && reason === undefined) {
            if (source[at] === '|') {
                at++;
                choices = true;
                continue;
            }
            let inner;
            if (source[at] === '(') {
                const opening = /^\((?:\?(?:<?[=!]|:|<[A-Za-z]\w*>))?/.exec(source.slice(at, at + 64))[0];
                at += opening.length;
                inner = alternatives(depth + 1);
                at++;
                if (/[=!]$/.test(opening))
                    continue;
            }
            else if (source[at] === '[') {
                for (at++; at < source.length && source[at] !== ']'; at++)
                    if (source[at] === '\\')
                        at++;
                at++;
            }
            else if (source[at] === '\\') {
                if (/^\\[1-9k]/.test(source.slice(at, at + 2)))
                    reason ??= 'it has a back-reference';
                at += /^\\(?:[pPu]\{[^}]*\}|.)/su.exec(source.slice(at, at + 64))?.[0].length ?? 2;
            }
            else
                at += source.codePointAt(at) > 0xffff ? 2 : 1;
            const count = quantifier();
            if (count !== undefined && count.max > 1 && inner !== undefined) {
                if (inner.variable || (inner.choices && count.max > SMALL_COUNT))
                    reason ??= 'a repeated group can match one text in several ways';
            }
            variable ||= inner?.variable === true || inner?.choices === true || (count !== undefined && count.min !== count.max);
        }
        return { variable, choices };
    };
    if (KNOWN_NESTED.some((known) => source.includes(known)))
        return undefined;
    alternatives(0);
    return reason;
}
/** Parts of real patterns that nest loops and are unambiguous all the same: exaone-moe joins words by single spaces. */
const KNOWN_NESTED = [String.raw `(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+`];
/** One character of each kind that patterns tell apart. */
const PROBES = ['a', 'A', '1', ' ', '\n', "'", '!', '中', '\u0301', '\t', 'aA', ' a', '1,'];
/** Milliseconds for 2048 characters; a linear pattern takes 0.1, a quadratic one 10. */
const MOST_MILLISECONDS = 100;
/** Polynomial time shows on long runs of one character: doubling them stops at the first that is slow, so judging is quick too. */
function slowProbeReason(source) {
    const regex = new RegExp(source, 'gu');
    const literals = new Set(Array.from(source.slice(0, 4096)).filter((character) => !PROBES.includes(character)));
    for (const unit of [...PROBES, ...[...literals].slice(0, 16)]) {
        for (let length = 16; length <= 2048; length *= 2) {
            const text = `${unit.repeat(length / unit.length)}\u0000`;
            if (isSlow(regex, text))
                return `a run of ${length} characters takes it too long`;
        }
    }
    return undefined;
}
/** Slow three times over: once may be another process having the core. */
function isSlow(regex, text) {
    for (let attempt = 0; attempt < 3; attempt++) {
        const start = performance.now();
        text.replace(regex, '');
        if (performance.now() - start <= MOST_MILLISECONDS)
            return false;
    }
    return true;
}
//# sourceMappingURL=safe-regex.js.map