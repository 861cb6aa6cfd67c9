import { fail } from './errors.js';
import { MOST_FILE_BYTES } from './limits.js';
const TEXT_FILES = {
    tokenizerJson: 'tokenizer.json',
    tokenizerConfig: 'tokenizer_config.json',
    specialTokensMap: 'special_tokens_map.json',
    addedTokens: 'added_tokens.json',
    vocabularyJson: 'vocab.json',
    mergesText: 'merges.txt',
    vocabularyText: 'vocab.txt',
};
/** Names of every file {@link readTokenizerFiles} looks for, so that a download can fetch them and nothing else. */
export const TOKENIZER_FILE_NAMES = [...Object.values(TEXT_FILES), 'tokenizer.model'];
/**
 * Reads the tokenizer files of a folder.
 * @param config the checkpoint's config.json, when it was parsed already.
 * @throws FsError when a file is over 256 MB, or cannot be read.
 */
export async function readTokenizerFiles(folder, config) {
    const bytesOf = async (name) => {
        const entry = folder.files.get(name);
        if (entry === undefined)
            return undefined;
        if (entry.size > MOST_FILE_BYTES) {
            throw fail('tokenizer/too-large', `${name} has ${entry.size} bytes; no tokenizer file is larger than ${MOST_FILE_BYTES}`, {
                name,
                size: entry.size,
            });
        }
        const source = await folder.open(name);
        try {
            return await source.read(0, source.size);
        }
        finally {
            await source.close();
        }
    };
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const texts = await Promise.all(Object.entries(TEXT_FILES).map(async ([role, name]) => {
        const bytes = await bytesOf(name);
        if (bytes === undefined)
            return [];
        try {
            return [[role, decoder.decode(bytes)]];
        }
        catch (cause) {
            throw fail('tokenizer/malformed', `${name} is not UTF-8 text; download it again`, { name }, cause);
        }
    }));
    const tokenizerModel = await bytesOf('tokenizer.model');
    return {
        ...Object.fromEntries(texts.flat()),
        ...(tokenizerModel !== undefined && { tokenizerModel }),
        ...(config !== undefined && { config }),
    };
}
//# sourceMappingURL=files.js.map