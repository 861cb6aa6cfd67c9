// Message formats as data, for models without a chat template or for those who want none of Jinja: PLAIN, LLAMA, GEMMA, QWEN, and your own.
// A model's own template (`find/`, `render.ts`) is the better choice where there is one.
import type { Segment } from '@fs/core'
import { fail } from './errors.ts'
import { stripBounds } from './jinja/python.ts'

/** How turns are written. `{content}` stands for the message; everything around it is the format's and may become control tokens. */
export type MessageFormat = {
  /** Written once, before everything; the tokenizer must not add its own beginning-of-sequence token then. */
  readonly start: string
  /** A turn of its own, put before the first user message with a separator, or not possible. */
  readonly system:
    | { readonly kind: 'turn'; readonly template: string }
    | { readonly kind: 'before-user'; readonly separator: string }
    | { readonly kind: 'none' }
  readonly user: string
  readonly assistant: string
  /** Opens the assistant's turn. */
  readonly generationPrompt: string
  /** Whether blanks around a message are dropped, as the family's own template does. */
  readonly trim: boolean
  /** Tokens that end the assistant's turn. */
  readonly stop: readonly string[]
}

/** A message of one of the three roles a message format knows. */
export type FormatMessage = { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }

/** Each checked against the family's own template. */
export const MESSAGE_FORMATS = {
  PLAIN: {
    start: '',
    system: { kind: 'turn', template: '{content}' },
    user: '{content}',
    assistant: '{content}',
    generationPrompt: '',
    trim: false,
    stop: [],
  },
  /** Llama 3.x. Without the date that the template of 3.1 and later puts into the system turn. */
  LLAMA: {
    start: '<|begin_of_text|>',
    system: { kind: 'turn', template: '<|start_header_id|>system<|end_header_id|>\n\n{content}<|eot_id|>' },
    user: '<|start_header_id|>user<|end_header_id|>\n\n{content}<|eot_id|>',
    assistant: '<|start_header_id|>assistant<|end_header_id|>\n\n{content}<|eot_id|>',
    generationPrompt: '<|start_header_id|>assistant<|end_header_id|>\n\n',
    trim: true,
    stop: ['<|eot_id|>', '<|eom_id|>', '<|end_of_text|>'],
  },
  /** Gemma 1 to 3; a system message goes in front of the first question, as Gemma 3's template does. */
  GEMMA: {
    start: '<bos>',
    system: { kind: 'before-user', separator: '\n\n' },
    user: '<start_of_turn>user\n{content}<end_of_turn>\n',
    assistant: '<start_of_turn>model\n{content}<end_of_turn>\n',
    generationPrompt: '<start_of_turn>model\n',
    trim: true,
    stop: ['<end_of_turn>', '<eos>'],
  },
  /** ChatML as Qwen2 to Qwen3 write it, without Qwen2.5's built-in system message. */
  QWEN: {
    start: '',
    system: { kind: 'turn', template: '<|im_start|>system\n{content}<|im_end|>\n' },
    user: '<|im_start|>user\n{content}<|im_end|>\n',
    assistant: '<|im_start|>assistant\n{content}<|im_end|>\n',
    generationPrompt: '<|im_start|>assistant\n',
    trim: false,
    stop: ['<|im_end|>', '<|endoftext|>'],
  },
} as const satisfies { readonly [name: string]: MessageFormat }

/** The presets by name, and CUSTOM, which brings its own. */
export type MessageFormatChoice = keyof typeof MESSAGE_FORMATS | { readonly type: 'CUSTOM'; readonly format: MessageFormat }

export function messageFormat(choice: MessageFormatChoice): MessageFormat {
  return typeof choice === 'string' ? MESSAGE_FORMATS[choice] : choice.format
}

/**
 * Writes a chat in a message format. No message is dropped: what the format has no place for is an error.
 * @throws FsError `chat-format/format-incomplete` for a role without a place or a turn without `{content}`
 */
export function formatMessages(
  format: MessageFormat,
  messages: readonly FormatMessage[],
  ending: 'generation-prompt' | 'complete' = 'generation-prompt',
): Segment[] {
  const segments: Segment[] = []
  const add = (type: Segment['type'], text: string) => {
    const last = segments.at(-1)
    if (text === '') return
    if (last?.type === type) segments[segments.length - 1] = { type, text: last.text + text }
    else segments.push({ type, text })
  }
  add('special', format.start)
  let before = ''
  for (const [index, { role, content }] of messages.entries()) {
    const text = format.trim ? content.slice(...stripBounds(content, undefined, 'both')) : content
    if (role === 'system' && format.system.kind === 'before-user') {
      if (messages[index + 1]?.role !== 'user')
        throw incomplete(`message ${index}: this format puts a system message before a user message, and none follows`)
      before = content + format.system.separator
      continue
    }
    const [opening, closing] = turn(format, role, index)
    add('special', opening)
    add('text', before + text)
    add('special', closing)
    before = ''
  }
  if (ending === 'generation-prompt') add('special', format.generationPrompt)
  return segments
}

/** What is written before and after a message of this role. */
function turn(format: MessageFormat, role: string, index: number): [opening: string, closing: string] {
  const template = templateFor(format, role)
  if (template === undefined) throw incomplete(`message ${index} has the role "${role}", which this format has no place for`, role)
  const at = template.indexOf('{content}')
  if (at < 0) throw incomplete(`the template for "${role}" lacks {content}`, role)
  return [template.slice(0, at), template.slice(at + '{content}'.length)]
}

function templateFor(format: MessageFormat, role: string): string | undefined {
  if (role === 'user') return format.user
  if (role === 'assistant') return format.assistant
  return role === 'system' && format.system.kind === 'turn' ? format.system.template : undefined
}

const incomplete = (message: string, role = '') => fail('chat-format/format-incomplete', message, { role })
