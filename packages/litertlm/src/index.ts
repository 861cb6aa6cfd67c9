// Public names of `@fs/litertlm`. Graphs have their own entry, `@fs/litertlm/graph`.

export { LITERTLM_ERRORS } from './errors.ts'
