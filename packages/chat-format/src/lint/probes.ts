// Chats that show what a template does: one for each habit worth knowing. Used by the checks and by the comparison of two templates.
import type { ChatInput } from '../chat.ts'

/** Words no template writes by itself, so that finding one means a message went through. */
export const PROBE_WORDS = {
  system: 'zebrafish',
  question: 'quokka',
  answer: 'pangolin',
  second: 'axolotl',
  tool: 'numbat_speed',
  result: 'caracal',
} as const

const WEATHER = {
  type: 'function',
  function: {
    name: PROBE_WORDS.tool,
    description: 'How fast it is.',
    parameters: { type: 'object', properties: { unit: { type: 'string', enum: ['km/h', 'mph'] } }, required: ['unit'] },
  },
} as const

const question = { role: 'user', content: PROBE_WORDS.question } as const
const answer = { role: 'assistant', content: PROBE_WORDS.answer } as const
const second = { role: 'user', content: PROBE_WORDS.second } as const
const call = {
  role: 'assistant',
  content: '',
  tool_calls: [{ type: 'function', function: { name: PROBE_WORDS.tool, arguments: { unit: 'mph' } } }],
} as const
const result = { role: 'tool', name: PROBE_WORDS.tool, content: PROBE_WORDS.result } as const

export const PROBES = {
  question: { messages: [question] },
  closed: { messages: [question], ending: 'complete' },
  answered: { messages: [question, answer], ending: 'complete' },
  turns: { messages: [question, answer, second] },
  system: { messages: [{ role: 'system', content: PROBE_WORDS.system }, question] },
  blanks: { messages: [{ role: 'user', content: `\n  ${PROBE_WORDS.question} \n` }] },
  thinking: { messages: [question, { role: 'assistant', content: `<think>\nhm\n</think>\n\n${PROBE_WORDS.answer}` }, second] },
  notThinking: { messages: [question], variables: { enable_thinking: false } },
  tools: { messages: [question], tools: [WEATHER] },
  toolResult: { messages: [question, call, result], tools: [WEATHER] },
} as const satisfies { readonly [name: string]: ChatInput }

export type ProbeName = keyof typeof PROBES
