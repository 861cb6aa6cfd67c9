// tiktoken's form of a tokenizer (Meta's Llama 3 `tokenizer.model`), turned into a tokenizer.json.

export { isTiktokenModel, jsonFromTiktoken, llama3SpecialTokens } from './tokenizer-json.ts'
