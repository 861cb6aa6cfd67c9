// Google's LiteRT-LM engine behind one function. It needs the optional peer `@litert-lm/core`, loaded by `/litert-lm/node` or by the library itself.

export { type ChatMessage, type LiteRtLmModel, type LiteRtLmOptions, openLiteRtLmModel } from './open-litert-lm-model.ts'
export type { AnswerOptions } from './session-config.ts'
