// Node's way to execute a plan: files and worker threads.
export { type ExecuteOptions, executePlan } from './execute-plan.ts'
