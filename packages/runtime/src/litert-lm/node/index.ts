// Loads the LiteRT-LM engine where there is no browser. What it does then is in `@fs/runtime/litert-lm`.

export { type LoadLiteRtLmOptions, loadLiteRtLm } from './load-litert-lm.ts'
