// The `pattern` of a tokenizer.json stage (`{"String": …}` or `{"Regex": …}`, Oniguruma's dialect) as a JavaScript regular expression.
// The translation is the library's; the limits around it are ours.
import { fail } from '../errors.js';
import { unsafeReason } from '../text/safe-regex.js';
import { translatedRegex } from './library.js';
/** The longest pattern known (deepseek-llm, ranges spelled out) has some 900 characters. */
const LONGEST_PATTERN = 8192;
/**
 * @returns a global, Unicode-aware expression; it matches nothing empty when the pattern is a string.
 * @throws FsError when it cannot be translated, is too long, or could take superquadratic time.
 */
export function readPattern(reader) {
    const literal = reader.optional('String')?.string();
    if (literal !== undefined) {
        if (literal.length === 0 || literal.length > LONGEST_PATTERN)
            throw reader.malformed('a pattern of 1 to 8192 characters');
        return new RegExp(literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'gu');
    }
    const field = reader.field('Regex');
    const source = field.string();
    if (source.length === 0 || source.length > LONGEST_PATTERN)
        throw field.malformed('a pattern of 1 to 8192 characters');
    return translated(source, field);
}
const known = new Map();
function translated(source, field) {
    const before = known.get(source);
    if (before !== undefined)
        return before;
    let pattern;
    try {
        pattern = translatedRegex(source);
    }
    catch (cause) {
        throw fail('tokenizer/unsupported', `${field.where}: the regular expression cannot be used here (${cause.message})`, { source }, cause);
    }
    if (pattern === null)
        throw field.malformed('a regular expression');
    const reason = unsafeReason(pattern.source);
    if (reason !== undefined) {
        throw fail('tokenizer/unsafe-regex', `${field.where}: the regular expression is refused because ${reason}; check where the file is from`, {
            source,
        });
    }
    // Patterns of a process are few, but a server may see many files.
    if (known.size > 256)
        known.clear();
    known.set(source, pattern);
    return pattern;
}
//# sourceMappingURL=pattern.js.map