// The chat template of a model for a bundle, checked against the model's own: as Jinja for conversations, as plain affixes for sessions.
import type { Notice } from '@fs/arch'
import { type ChatTemplate, compileTemplate, renderText } from '@fs/chat-format'
import { chooseTemplate, type TemplateReport } from '@fs/chat-format/find'
import { FsError } from '@fs/core'
import type { PromptTemplates } from '@fs/litertlm/metadata'
import { type ChatShape, chatShape } from './chat-shape.ts'
import { jinjaTemplate } from './jinja-template.ts'

export type BundlePrompt = {
  readonly jinjaTemplate?: string
  readonly promptTemplates?: PromptTemplates
  /** Whether the model's template writes the start token itself. */
  readonly writesStart: boolean
  readonly notices: readonly Notice[]
}

/** @param specialTokens `bos_token` and the like */
export function bundlePrompt(report: TemplateReport, specialTokens: { readonly [name: string]: string }): BundlePrompt {
  if (!report.templates.has('default')) return { writesStart: false, notices: [] }
  const { source, place } = chooseTemplate(report)
  const template = compileTemplate(source, place)
  const shape = chatShape(template, specialTokens)
  if (shape === undefined) {
    return {
      writesStart: false,
      notices: [
        {
          code: 'convert/bundle-template',
          message: `${place} does not write messages one after the other; the bundle continues texts, but holds no chats`,
        },
      ],
    }
  }
  const start = specialTokens.bos_token
  const made = jinjaTemplate(shape, start)
  const other = departs(template, made, shape, specialTokens)
  return {
    jinjaTemplate: made,
    promptTemplates: promptTemplates(shape, start),
    writesStart: start !== undefined && start !== '' && shape.opening.startsWith(start),
    notices: other
      ? [{ code: 'convert/bundle-template', message: `the bundle's simplified template writes some chats otherwise than ${place}` }]
      : [],
  }
}

/** Sessions know one user message, and what precedes the answer. */
function promptTemplates({ user, assistant, system, generationPrompt, date }: ChatShape, start: string | undefined): PromptTemplates {
  const between = system?.between
  // A text that stays the same cannot tell the date.
  const dated = date !== undefined && system?.prefix.includes(date.written)
  return {
    user: { prefix: user.prefix, suffix: user.suffix },
    model: { prefix: generationPrompt, suffix: assistant.suffix },
    ...(system !== undefined && !dated && between?.endsWith(user.prefix)
      ? { system: { prefix: withoutStart(system.prefix, start), suffix: between.slice(0, between.length - user.prefix.length) } }
      : {}),
  }
}

const withoutStart = (text: string, start: string | undefined): string =>
  start !== undefined && text.startsWith(start) ? text.slice(start.length) : text

const user = (content: string) => ({ role: 'user', content })
const assistant = (content: string) => ({ role: 'assistant', content })
const CHATS = [[user('Say "x"\n twice')], [user(' a '), assistant('"b"\n'), user("c 'd' \\n {{ e }}"), assistant('f'), user('g')]] as const
const SYSTEM = { role: 'system', content: ' Be "terse".\n' }

/** Whether any of some chats differs in anything but the start token, which the engine writes. */
function departs(template: ChatTemplate, made: string, shape: ChatShape, specialTokens: { readonly [name: string]: string }): boolean {
  const mine = compileTemplate(made, 'the template of the bundle')
  const now = new Date()
  const chats = [...CHATS, ...(shape.system === undefined ? [] : CHATS.map((chat) => [SYSTEM, ...chat]))]
  return chats.some((messages) => {
    const parts = messages.map(({ role, content }) => ({ role, content: [{ type: 'text', text: content }] }))
    try {
      const expected = renderText(template, { messages, specialTokens, now })
      return renderText(mine, { messages: parts, now }) !== withoutStart(expected, specialTokens.bos_token)
    } catch (error) {
      if (FsError.is(error)) return true
      throw error
    }
  })
}
