// Node's way to execute a plan: files and worker threads; to write what belongs beside an old file; and to read a large tokenizer without keeping its garbage.
export { type ExecuteOptions, executePlan } from './execute-plan.ts'
export { checkGgmlMeta, writeGgmlMeta } from './ggml-meta.ts'
export { vocabularyThread } from './vocabulary-thread.ts'
export { type WriteLitertlmOptions, writeLitertlm } from './write-litertlm.ts'
