// Renders a chat through its template, within limits, as segments that keep the template's text apart from everyone else's.
// Finding the template is in `find/`; running one on a thread of its own is in `node/`.
import { FsError, type JsonObject, type Segment } from '@fs/core'
import type { ChatInput } from './chat.ts'
import { fail } from './errors.ts'
import { Budget, DEFAULT_LIMITS, type RenderLimits } from './jinja/budget.ts'
import { globals } from './jinja/globals.ts'
import { messageValues, outsideValue } from './jinja/input.ts'
import { parseTemplate, type Statement } from './jinja/parse.ts'
import { TemplateProblem } from './jinja/problem.ts'
import { stripBounds } from './jinja/python.ts'
import { runBlock } from './jinja/run.ts'
import { Scope } from './jinja/scope.ts'
import { partsOf, sliceText, type Text, templateText, textBuilder } from './jinja/text.ts'

/** A template that was read once and can be rendered many times. */
export type ChatTemplate = { readonly name: string; readonly source: string; readonly body: readonly Statement[] }

/**
 * Reads a template.
 * @param name what messages call it: a file's name, a metadata key
 * @throws FsError `chat-format/template-syntax`, `chat-format/limit-source`
 */
export function compileTemplate(source: string, name = 'the chat template'): ChatTemplate {
  return { name, source, body: parseTemplate(source, name) }
}

/**
 * Renders as transformers' `apply_chat_template` does. What the template's author wrote is `special`, what came from messages, tools
 * and variables is `text`, and joined they are the plain rendering.
 * @throws FsError `chat-format/template-refused` with the template's own words, `chat-format/template-failed`, `chat-format/bad-input`,
 * `chat-format/continue-failed`, `chat-format/limit-*`
 */
export function renderSegments(template: ChatTemplate, input: ChatInput, limits: RenderLimits = DEFAULT_LIMITS): Segment[] {
  try {
    return partsOf(render(template, input, limits)).map(({ outside, text }) => ({ type: outside ? 'text' : 'special', text }))
  } catch (error) {
    throw explained(error, template, limits)
  }
}

/** The rendering as one string. For display and comparison: encoding it would let user text become control tokens. */
export function renderText(template: ChatTemplate, input: ChatInput, limits: RenderLimits = DEFAULT_LIMITS): string {
  return renderSegments(template, input, limits)
    .map((segment) => segment.text)
    .join('')
}

function render(template: ChatTemplate, input: ChatInput, limits: RenderLimits): Text {
  const budget = new Budget(limits, template.name)
  const ending = input.ending ?? 'generation-prompt'
  const opened = ending === 'continue' ? openLastMessage(input.messages) : undefined
  const scope = new Scope()
  for (const [name, value] of globals(budget, input.now ?? new Date())) scope.set(name, value)
  for (const [name, value] of Object.entries(input.specialTokens ?? {})) scope.set(name, templateText(value))
  for (const [name, value] of Object.entries(input.variables ?? {})) scope.set(name, outsideValue(value, name, budget))
  scope.set('messages', messageValues(opened?.messages ?? input.messages, budget))
  scope.set('tools', outsideValue(input.tools ?? null, 'tools', budget))
  scope.set('documents', outsideValue(input.documents ?? null, 'documents', budget))
  scope.set('add_generation_prompt', ending === 'generation-prompt')
  const output = textBuilder()
  runBlock(template.body, new Scope(scope), output, budget)
  const text = output.build()
  return opened === undefined ? text : cutAtTag(text, opened.tag, template)
}

/** Appends a tag no message contains to the last message, to find the place where it ends in the rendering. */
function openLastMessage(messages: readonly JsonObject[]): { readonly messages: readonly JsonObject[]; readonly tag: string } {
  const last = messages.at(-1)
  const everything = JSON.stringify(messages) ?? ''
  let tag = 'CONTINUE_FINAL_MESSAGE '
  for (let i = 0; everything.includes(tag.trim()); i++) tag = `CONTINUE_FINAL_MESSAGE_${i}_ `
  if (typeof last?.content === 'string') return { messages: [...messages.slice(0, -1), { ...last, content: last.content + tag }], tag }
  if (Array.isArray(last?.content)) {
    const at = last.content.findLastIndex((part) => typeof part?.text === 'string')
    const content = last.content.map((part, index) => (index === at ? { ...part, text: part.text + tag } : part))
    if (at >= 0) return { messages: [...messages.slice(0, -1), { ...last, content }], tag }
  }
  throw fail('chat-format/continue-failed', 'the last message has no text to continue; give it a content or ask for a generation prompt')
}

function cutAtTag(text: Text, tag: string, template: ChatTemplate): Text {
  const at = text.value.lastIndexOf(tag.trim())
  if (at < 0) {
    throw fail(
      'chat-format/continue-failed',
      `${template.name} leaves out or changes the last message, so there is no place to continue from`,
    )
  }
  // A template that kept the tag's blank keeps the message's own too; one that trimmed it would have trimmed the message.
  if (text.value.startsWith(tag, at)) return sliceText(text, 0, at)
  return sliceText(text, 0, stripBounds(text.value.slice(0, at), undefined, 'right')[1])
}

function explained(error: unknown, template: ChatTemplate, limits: RenderLimits): unknown {
  if (error instanceof TemplateProblem) {
    return error.kind === 'refused'
      ? fail('chat-format/template-refused', `${template.name} refuses this chat: ${error.message}`, { reason: error.message })
      : fail('chat-format/template-failed', `${template.name} can not be rendered: ${error.message}`, { reason: error.message })
  }
  // The stack ended before our count did, because the caller had used much of it already.
  if (error instanceof RangeError && !FsError.is(error)) {
    return fail('chat-format/limit-depth', `${template.name} or the chat nests too deeply`, { limit: limits.depth }, error)
  }
  return error
}
