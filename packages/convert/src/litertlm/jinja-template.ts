// A Jinja template for LiteRT-LM's engine, made of a chat's outline. The models' own templates do not run there: messages come as lists of parts,
// and minijinja has none of Python's string methods.
// Source: `runtime/components/rust/minijinja_template.rs` and `runtime/conversation/conversation.cc` of google-ai-edge/LiteRT-LM; seen with 0.17.1.
import type { ChatShape } from './chat-shape.ts'

/**
 * Writes no start token: the engine puts it before every prompt.
 * @param startText the start token as text, dropped where the outline has it in front
 */
export function jinjaTemplate(shape: ChatShape, startText: string | undefined): string {
  const { system, user, assistant, dropsThoughts, date } = shape
  const literal = (text: string) => expression(text, date)
  const withoutStart = (text: string) => (startText !== undefined && text.startsWith(startText) ? text.slice(startText.length) : text)
  const between = system === undefined ? [] : [`{% if ns.before == 'system' %}${literal(system.between)}{% el`, '{% ']
  return [
    "{% set ns = namespace(text='', before='') %}",
    '{% for message in messages %}',
    TEXT_OF_MESSAGE,
    "{% if message.role == 'system' %}",
    system === undefined
      ? "{{ raise_exception('System role not supported') }}"
      : `${literal(withoutStart(system.prefix))}${messageText(system)}`,
    "{% elif message.role == 'user' %}",
    `${between[0] ?? '{% '}if ns.before == '' %}${literal(withoutStart(shape.opening))}{% else %}${literal(user.prefix)}{% endif %}`,
    `${messageText(user)}${literal(user.suffix)}`,
    "{% elif message.role == 'assistant' or message.role == 'model' %}",
    dropsThoughts ? "{% if '</think>' in ns.text %}{% set ns.text = ns.text | split('</think>') | last | lstrip('\\n') %}{% endif %}" : '',
    `${literal(assistant.prefix)}${messageText(assistant)}${literal(assistant.suffix)}`,
    "{% else %}{{ raise_exception('Only system, user and assistant roles are supported') }}",
    '{% endif %}',
    '{% set ns.before = message.role %}',
    '{% endfor %}',
    `{% if add_generation_prompt %}${generationPrompt(shape, literal)}{% endif %}`,
  ].join('')
}

/** A message's text, whether it comes as text or as a list of parts. */
const TEXT_OF_MESSAGE = [
  "{% set ns.text = '' %}",
  '{% if message.content is string %}{% set ns.text = message.content %}',
  "{% else %}{% for part in message.content %}{% if part.type == 'text' %}{% set ns.text = ns.text ~ part.text %}{% endif %}{% endfor %}{% endif %}",
].join('')

const messageText = ({ trim }: { readonly trim: boolean }): string => (trim ? '{{ ns.text | trim }}' : '{{ ns.text }}')

function generationPrompt(shape: ChatShape, literal: (text: string) => string): string {
  const { generationPrompt: always, generationPromptWithoutThinking: quiet } = shape
  if (quiet === undefined) return literal(always)
  return `{% if enable_thinking is defined and not enable_thinking %}${literal(quiet)}{% else %}${literal(always)}{% endif %}`
}

/** Text as an expression, so that no blank next to a tag is lost and nothing in it is taken for a tag. JSON's escapes are Jinja's. */
function expression(text: string, date: ChatShape['date']): string {
  const parts = date === undefined ? [text] : text.split(date.written)
  const literals = parts.map((part) => (part === '' ? '' : `{{ ${JSON.stringify(part)} }}`))
  return literals.join(date === undefined ? '' : `{{ strftime_now(${JSON.stringify(date.format)}) }}`)
}
