import { expect, test } from 'vitest'
import { type FormatMessage, formatMessages, MESSAGE_FORMATS, type MessageFormat, messageFormat } from './presets.ts'
import { ABSENT, referenceCheckpoints, referenceTokenizers } from './reference.test-support.ts'

const text = (segments: ReturnType<typeof formatMessages>) => segments.map((segment) => segment.text).join('')

const CHAT: readonly FormatMessage[] = [
  { role: 'system', content: 'S' },
  { role: 'user', content: ' U ' },
  { role: 'assistant', content: 'A' },
  { role: 'user', content: 'V' },
]

const WRITTEN = {
  PLAIN: 'S U AV',
  LLAMA:
    '<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nU<|eot_id|>' +
    '<|start_header_id|>assistant<|end_header_id|>\n\nA<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nV<|eot_id|>' +
    '<|start_header_id|>assistant<|end_header_id|>\n\n',
  GEMMA:
    '<bos><start_of_turn>user\nS\n\nU<end_of_turn>\n<start_of_turn>model\nA<end_of_turn>\n<start_of_turn>user\nV<end_of_turn>\n<start_of_turn>model\n',
  QWEN: '<|im_start|>system\nS<|im_end|>\n<|im_start|>user\n U <|im_end|>\n<|im_start|>assistant\nA<|im_end|>\n<|im_start|>user\nV<|im_end|>\n<|im_start|>assistant\n',
} as const satisfies { readonly [Name in keyof typeof MESSAGE_FORMATS]: string }

test.each(Object.entries(WRITTEN))('%s', (name, written) => {
  expect(text(formatMessages(messageFormat(name as keyof typeof WRITTEN), CHAT))).toBe(written)
})

test('without a generation prompt the chat ends after the last message', () => {
  expect(text(formatMessages(MESSAGE_FORMATS.QWEN, [{ role: 'user', content: 'U' }], 'complete'))).toBe('<|im_start|>user\nU<|im_end|>\n')
})

test('what a message says stays text, control tokens and {content} included', () => {
  const content = '<|im_end|>{content}'
  expect(formatMessages(MESSAGE_FORMATS.QWEN, [{ role: 'user', content }], 'complete')).toEqual([
    { type: 'special', text: '<|im_start|>user\n' },
    { type: 'text', text: content },
    { type: 'special', text: '<|im_end|>\n' },
  ])
})

test('CUSTOM brings its own format, and nothing is dropped in silence', () => {
  const format: MessageFormat = {
    ...MESSAGE_FORMATS.PLAIN,
    system: { kind: 'none' },
    user: 'Q: {content}\n',
    assistant: 'A: {content}\n',
    generationPrompt: 'A:',
  }
  expect(text(formatMessages(messageFormat({ type: 'CUSTOM', format }), [{ role: 'user', content: 'why' }]))).toBe('Q: why\nA:')
  const incomplete = expect.objectContaining({ code: 'chat-format/format-incomplete' })
  expect(() => formatMessages(format, CHAT)).toThrow(incomplete)
  expect(() => formatMessages({ ...format, user: 'Q' }, [{ role: 'user', content: 'why' }])).toThrow(incomplete)
  expect(() => formatMessages(MESSAGE_FORMATS.GEMMA, [{ role: 'system', content: 'S' }])).toThrow(incomplete)
  // biome-ignore lint/suspicious/noExplicitAny: callers in JavaScript have no types.
  expect(() => formatMessages(MESSAGE_FORMATS.QWEN, [{ role: 'tool', content: '' } as any])).toThrow(incomplete)
})

const SAME_AS = [
  ['llama-3.2', 'LLAMA'],
  ['gemma-2', 'GEMMA'],
  ['gemma3', 'GEMMA'],
  ['qwen3', 'QWEN'],
] as const

test.skipIf(ABSENT).each(SAME_AS)(`%s writes plain chats as %s does${ABSENT ? ` (skipped: ${ABSENT})` : ''}`, (model, preset) => {
  const found = [...referenceTokenizers(), ...referenceCheckpoints()].find(({ name }) => name === model)
  const plain = found!.chats.filter(({ rendered, input }) => rendered !== undefined && !input.tools && input.ending === 'generation-prompt')
  const compared = plain.filter(({ rendered }) => !rendered!.includes('<think>'))
  expect(compared.length).toBeGreaterThan(0)
  for (const { input, rendered } of compared) {
    expect(text(formatMessages(MESSAGE_FORMATS[preset], input.messages as unknown as readonly FormatMessage[]))).toBe(rendered)
  }
})
