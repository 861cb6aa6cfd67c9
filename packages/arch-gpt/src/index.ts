// The architectures of this package.
export { bloom } from './bloom/bloom.ts'
export { gptNeox } from './gpt-neox/gpt-neox.ts'
export { gpt2 } from './gpt2/gpt2.ts'
export { mpt } from './mpt/mpt.ts'
