// The `decoder` of a tokenizer.json. The chains that real vocabularies use become one of our decoders, which can stream;
// any other chain is the library's, streamed by a window.
import { byteFallbackDecoder } from '../decoders/byte-fallback.js';
import { byteLevelDecoder } from '../decoders/decoder.js';
import { cleanedUp, tokenTextDecoder } from '../decoders/token-text.js';
import { windowDecoder } from '../decoders/window.js';
import { fail } from '../errors.js';
import { fromByteCharacters } from '../text/byte-alphabet.js';
import { chainDecoder, LIBRARY_DECODERS } from './library.js';
import { flatten } from './normalizer.js';
const encoder = new TextEncoder();
const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;
/** @throws FsError for decoders that are unknown or malformed. */
export function readDecoder(reader, tokens) {
    if (reader === undefined) {
        return tokenTextDecoder((id, first) => (tokens[id] === undefined ? undefined : first ? tokens[id] : ` ${tokens[id]}`));
    }
    const stages = flatten(reader, 'decoders');
    const types = stages.map((stage) => stage.field('type').string());
    if (types.length === 1 && types[0] === 'ByteLevel')
        return byteLevel(tokens);
    if (types.length === 1 && types[0] === 'WordPiece')
        return wordPiece(stages[0], tokens);
    return spaced(stages, tokens) ?? chain(reader, stages, tokens);
}
/** Tokens are bytes in GPT-2's alphabet; a token with any other character is its own UTF-8. */
function byteLevel(tokens) {
    const known = [];
    return byteLevelDecoder((id) => {
        const token = tokens[id];
        if (token === undefined)
            return undefined;
        known[id] ??= fromByteCharacters(token) ?? encoder.encode(token);
        return known[id];
    });
}
function wordPiece(reader, tokens) {
    const prefix = reader.optional('prefix')?.string() ?? '##';
    const cleanup = reader.optional('cleanup')?.boolean() ?? true;
    return tokenTextDecoder((id, first) => {
        const token = tokens[id];
        if (token === undefined)
            return undefined;
        const text = first ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
        return cleanup ? cleanedUp(text) : text;
    });
}
/** Replace `▁`, bytes, fuse, strip — in the order all SentencePiece conversions have them — or Metaspace; undefined for other chains. */
function spaced(stages, tokens) {
    const [types, replacements] = [[], []];
    let [stripStart, firstDropsSpaces] = [0, false];
    for (const stage of stages) {
        const type = stage.field('type').string();
        const previous = types.at(-1);
        if (type === 'Replace' && types.every((before) => before === 'Replace')) {
            const pattern = stage.field('pattern').optional('String')?.string();
            if (pattern === undefined)
                return undefined;
            replacements.push([pattern, stage.field('content').string()]);
        }
        else if (type === 'Strip' &&
            previous === 'Fuse' &&
            stage.field('content').string() === ' ' &&
            stage.field('stop').integer(1e6) === 0) {
            stripStart = stage.field('start').integer(1e6);
        }
        else if (type === 'Metaspace' && types.every((before) => before === 'ByteFallback')) {
            replacements.push([stage.optional('replacement')?.string() ?? '▁', ' ']);
            firstDropsSpaces = (stage.optional('prepend_scheme')?.string() ?? 'always') !== 'never';
        }
        else if (!(type === 'ByteFallback' || type === 'Fuse') || types.includes(type))
            return undefined;
        types.push(type);
    }
    const bytes = types.includes('ByteFallback');
    return byteFallbackDecoder({
        stripStart,
        piece(id, first) {
            const token = tokens[id];
            if (token === undefined)
                return undefined;
            const byte = bytes ? BYTE_TOKEN.exec(token)?.[1] : undefined;
            if (byte !== undefined)
                return { byte: Number.parseInt(byte, 16) };
            const drop = first && firstDropsSpaces;
            return { text: replacements.reduce((text, [from, to]) => text.replaceAll(from, drop ? '' : to), token) };
        },
    });
}
function chain(reader, stages, tokens) {
    for (const stage of stages) {
        const type = stage.field('type').string();
        if (!LIBRARY_DECODERS.includes(type)) {
            throw fail('tokenizer/unsupported', `${stage.where}: the decoder "${type}" is not implemented in this place`, { type });
        }
    }
    const decoder = chainDecoder(stages.map((stage) => stage.value));
    const decode = (ids) => decoder.decode(ids.flatMap((id) => tokens[id] ?? []));
    try {
        decode([0]);
    }
    catch (cause) {
        throw fail('tokenizer/malformed', `${reader.where} cannot be used (${cause.message})`, {}, cause);
    }
    return windowDecoder(decode, (id) => tokens[id]);
}
//# sourceMappingURL=decoder.js.map