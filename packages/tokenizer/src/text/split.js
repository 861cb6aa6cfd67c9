// Cutting text at matches of a pattern, with the five ways huggingface/tokenizers knows of treating the match (`SplitDelimiterBehavior`).
// Joined again, the pieces are the text, except where matches are removed.
export const SPLIT_BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'];
/** @param pattern global; @param invert treats what the pattern does not match as the match. */
export function split(text, pattern, behavior, invert) {
    if (text.length === 0)
        return [];
    // The common case, a pattern that matches every character of natural text: its matches are the pieces.
    if (behavior === 'Isolated' || (behavior === 'Removed' && invert)) {
        const matches = text.match(pattern) ?? [];
        let covered = 0;
        let empty = false;
        for (const match of matches) {
            covered += match.length;
            if (match.length === 0)
                empty = true;
        }
        if (!empty && (covered === text.length || behavior === 'Removed'))
            return matches;
    }
    const spans = [];
    let from = 0;
    const add = (start, end, match) => {
        if (end > start)
            spans.push({ start, end, match: match !== invert });
    };
    for (const found of text.matchAll(pattern)) {
        add(from, found.index, false);
        from = found.index + found[0].length;
        add(found.index, from, true);
    }
    add(from, text.length, false);
    const pieces = [];
    let start = 0;
    spans.forEach((span, index) => {
        const next = spans[index + 1];
        const glued = next !== undefined && gluedTo(span.match, next.match, behavior);
        if (glued)
            return;
        if (behavior !== 'Removed' || !span.match)
            pieces.push(text.slice(behavior === 'Removed' ? span.start : start, span.end));
        start = span.end;
    });
    return pieces;
}
/** Whether a span and the one after it are one piece. */
function gluedTo(match, nextIsMatch, behavior) {
    switch (behavior) {
        case 'Removed':
        case 'Isolated':
            return false;
        case 'MergedWithPrevious':
            return !match && nextIsMatch;
        case 'MergedWithNext':
            return match && !nextIsMatch;
        case 'Contiguous':
            return match === nextIsMatch;
        default:
            return behavior;
    }
}
//# sourceMappingURL=split.js.map