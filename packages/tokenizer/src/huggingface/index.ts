// A tokenizer from Hugging Face's tokenizer.json and the files beside it.

export { tokenizerFromJson } from './tokenizer-json.ts'
