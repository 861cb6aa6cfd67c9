// Single normalizing steps whose result must equal the Rust library's, character by character.
// Chains of steps are built where a format describes them.
/** Lower case of each character by itself, as Rust's `char::to_lowercase`: `Σ` never becomes the final `ς` that a whole string's would. */
export function lowercased(text) {
    return text.replaceAll('Σ', 'σ').toLowerCase();
}
/** CJK ranges of BERT's `tokenization.py`; 0x2B920 is the Rust library's (the block begins at 0x2B820), and llama.cpp follows it. */
const CHINESE = /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;
/** Control, format and private-use characters but tab, line feed and carriage return; also NUL and U+FFFD. */
const REMOVED = /[\ufffd]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}]/gu;
const WHITESPACE = /\p{White_Space}/gu;
const NONSPACING_MARK = /\p{Mn}/gu;
/** `BertNormalizer` of huggingface/tokenizers (`normalizers/bert.rs`). */
export function bertNormalized(text, options) {
    let result = text;
    if (options.cleanText)
        result = result.replace(REMOVED, '').replace(WHITESPACE, ' ');
    if (options.handleChineseCharacters)
        result = result.replace(CHINESE, ' $& ');
    if (options.stripAccents)
        result = result.normalize('NFD').replace(NONSPACING_MARK, '');
    return options.lowercase ? lowercased(result) : result;
}
//# sourceMappingURL=normalize.js.map