// What a template writes after an answer: the place where a model learns to stop, and often the only one that says so.
import { FsError } from '@fs/core'
import { type ChatTemplate, renderSegments } from './render.ts'

const ANSWER = 'pangolin'

/**
 * The template's text right after an answer (`<|im_end|>\n`), or undefined when nothing follows, or a plain question and answer can not
 * be rendered. Its first control token ends an answer.
 */
export function answerEnd(template: ChatTemplate, specialTokens: { readonly [name: string]: string } = {}): string | undefined {
  const messages = [
    { role: 'user', content: 'quokka' },
    { role: 'assistant', content: ANSWER },
  ]
  try {
    const segments = renderSegments(template, { messages, ending: 'complete', specialTokens })
    const at = segments.findLastIndex(({ type, text }) => type === 'text' && text.endsWith(ANSWER))
    return at < 0 ? undefined : segments[at + 1]?.text
  } catch (error) {
    if (FsError.is(error)) return undefined
    throw error
  }
}
