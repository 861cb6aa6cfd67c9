// The everyday part of `@fs/chat-format`; finding templates, presets and checks have subpaths of their own.
export { answerEnd } from './answer-end.ts'
export type { ChatEnding, ChatInput } from './chat.ts'
export { DEFAULT_LIMITS, type RenderLimits } from './jinja/budget.ts'
export { type ChatTemplate, compileTemplate, renderSegments, renderText } from './render.ts'
