// The checkpoints and tokenizers of llama2.c.
export { type Llama2cFile, readLlama2c } from './read.ts'
export { type Llama2cTokenizer, readLlama2cTokenizer } from './tokenizer.ts'
