// A tokenizer from the vocabulary a GGUF file carries: the kinds llama.cpp calls llama, gpt2, gemma4, bert and t5.
// Other kinds (rwkv, plamo2, hybriddna, none) are refused by name.
import { fail } from '../errors.js';
import { bytePairTokenizer } from './byte-pair.js';
import { readGgufVocabulary } from './read.js';
import { sentencePieceTokenizer } from './sentencepiece.js';
import { unigramTokenizer } from './unigram.js';
import { wordPieceTokenizer } from './word-piece.js';
/**
 * A tokenizer whose ids equal llama.cpp's for the same file.
 * @param metadata the file's metadata; only `tokenizer.ggml.*` is read.
 * @param file its name, for messages.
 * @throws FsError when the vocabulary is malformed, or of a kind that is not implemented.
 */
export function tokenizerFromGguf(metadata, file) {
    const vocabulary = readGgufVocabulary(metadata, file);
    switch (vocabulary.model) {
        case 'llama':
            return sentencePieceTokenizer(vocabulary);
        case 'gpt2':
        case 'gemma4':
            return bytePairTokenizer(vocabulary, file);
        case 'bert':
            return wordPieceTokenizer(vocabulary, file);
        case 't5':
            return unigramTokenizer(vocabulary, file);
        default:
            throw fail('tokenizer/unsupported', `${file}: vocabularies of the kind "${vocabulary.model}" are not implemented`, {
                model: vocabulary.model,
            });
    }
}
//# sourceMappingURL=tokenizer.js.map