// Public names of `@fs/runtime`: works in browsers and Node; the backends are in `/node` and `/web`.

export type { Backend } from './backend.ts'
export { RUNTIME_ERRORS } from './errors.ts'
export { type OpenLanguageModelOptions, openLanguageModel } from './language-model/open-language-model.ts'
