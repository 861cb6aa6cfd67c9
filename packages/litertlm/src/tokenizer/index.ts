// Public names of `@fs/litertlm/tokenizer`: the tokenizer section of a bundle.

export { packTokenizerJson, unpackTokenizerJson } from './section.ts'
