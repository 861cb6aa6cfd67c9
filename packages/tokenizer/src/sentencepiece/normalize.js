// What SentencePiece does to a text before cutting it: the table's replacements, spaces merged, one put in front, all written as `▁`.
// Source: `src/normalizer.cc` of google/sentencepiece.
import { lossyText } from '../text/utf8.js';
import { createCharsmap } from './charsmap.js';
const encoder = new TextEncoder();
/** @returns a function of the text and of whether it begins a text, as only there a space is put. */
export function createNormalizer(settings, where) {
    const charsmap = settings.precompiledCharsmap.length === 0 ? undefined : createCharsmap(settings.precompiledCharsmap, where);
    const { addDummyPrefix, removeExtraWhitespaces, escapeWhitespaces, treatWhitespaceAsSuffix } = settings;
    return (text, begins) => {
        let result = charsmap === undefined ? text : lossyText(charsmap.normalizeBytes(encoder.encode(text)));
        // At the end it takes off what it would write for a space, so a `▁` of the text goes too.
        if (removeExtraWhitespaces)
            result = result
                .replace(/^ +/, '')
                .replace(/ {2,}/g, ' ')
                .replace(escapeWhitespaces ? /[ ▁]+$/ : / +$/, '');
        if (result.length === 0)
            return '';
        if (addDummyPrefix && begins)
            result = treatWhitespaceAsSuffix ? `${result} ` : ` ${result}`;
        return escapeWhitespaces ? result.replaceAll(' ', '▁') : result;
    };
}
//# sourceMappingURL=normalize.js.map