// Node's way to execute a plan: files and worker threads; and to read a large tokenizer without keeping its garbage.
export { type ExecuteOptions, executePlan } from './execute-plan.ts'
export { vocabularyThread } from './vocabulary-thread.ts'
