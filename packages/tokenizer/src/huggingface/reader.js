import { fail } from '../errors.js';
const describe = (value) => value === undefined
    ? 'missing'
    : value === null
        ? 'null'
        : Array.isArray(value)
            ? 'a list'
            : typeof value === 'object'
                ? 'an object'
                : JSON.stringify(value).slice(0, 60);
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const own = (value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined);
export function readerOf(value, where) {
    const malformed = (expected) => fail('tokenizer/malformed', `${where} should be ${expected} but is ${describe(value)}`, { where });
    const child = (name, found) => readerOf(found, where.endsWith(':') ? `${where} ${name}` : `${where}.${name}`);
    return {
        where,
        value,
        malformed,
        field(name) {
            const found = own(value, name);
            if (found === undefined)
                throw fail('tokenizer/malformed', `${where} has no "${name}"`, { where, name });
            return child(name, found);
        },
        optional(name) {
            if (!isObject(value))
                throw malformed('an object');
            const found = own(value, name);
            return found === undefined || found === null ? undefined : child(name, found);
        },
        string() {
            if (typeof value !== 'string')
                throw malformed('a string');
            return value;
        },
        boolean() {
            if (typeof value !== 'boolean')
                throw malformed('true or false');
            return value;
        },
        integer(most) {
            if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most)
                throw malformed(`an integer from 0 to ${most}`);
            return value;
        },
        number() {
            if (typeof value !== 'number')
                throw malformed('a number');
            return value;
        },
        list(most) {
            if (!Array.isArray(value) || value.length > most)
                throw malformed(`a list of at most ${most} items`);
            return value.map((item, index) => readerOf(item, `${where}[${index}]`));
        },
        object() {
            if (!isObject(value))
                throw malformed('an object');
            return value;
        },
    };
}
/**
 * Parses JSON text.
 * @throws FsError when it is not JSON, or not an object.
 */
export function readJson(text, file) {
    let value;
    try {
        value = JSON.parse(text);
    }
    catch (cause) {
        throw fail('tokenizer/malformed', `${file}: is not JSON (${cause.message}); download it again`, { file }, cause);
    }
    if (!isObject(value))
        throw fail('tokenizer/malformed', `${file}: should hold a JSON object but holds ${describe(value)}`, { file });
    return readerOf(value, `${file}:`);
}
//# sourceMappingURL=reader.js.map