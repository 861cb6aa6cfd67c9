import { compileTemplate, renderText } from '@fs/chat-format'
import { describe, expect, test } from 'vitest'
import { chatShape } from './chat-shape.ts'
import { jinjaTemplate } from './jinja-template.ts'
import { bundlePrompt } from './prompt.ts'

const BOS = '<bos>'

const TEMPLATES = {
  ChatML:
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
  'a system message of its own where there is none':
    "{% if messages[0].role != 'system' %}[system]Be kind.{% endif %}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}",
  'a system message before the question, no blanks, and no other role':
    "{{ bos_token }}{% if messages[0].role == 'system' %}{% set s = messages[0].content + '\n\n' %}{% set rest = messages[1:] %}{% else %}{% set s = '' %}{% set rest = messages %}{% endif %}{% for m in rest %}<start>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ s if loop.first else '' }}{{ m.content | trim }}<end>\n{% endfor %}{% if add_generation_prompt %}<start>model\n{% endif %}",
  'no system message at all':
    "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}{% for m in messages %}{{ m.role[0] }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}a: {% endif %}",
  'the date of today':
    "{{ bos_token }}Today is {{ strftime_now('%d %b %Y') }}.\n{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}",
  'quotes, escapes and what looks like tags':
    "{% for m in messages %}{{ '\"{{ \\\\ \\'' }}{{ m.role }}{{ '{% x %}' }}{{ m.content }}{% endfor %}{% if add_generation_prompt %}\t{% endif %}",
}

const CHATS = [
  [{ role: 'user', content: 'Say "x"\n {{ twice }}' }],
  [
    { role: 'system', content: ' Be\nterse. ' },
    { role: 'user', content: " a 'b' " },
    { role: 'assistant', content: '\\n' },
    { role: 'user', content: 'c' },
  ],
]

describe.each(Object.entries(TEMPLATES))('%s', (_what, source) => {
  const template = compileTemplate(source)
  const specialTokens = { bos_token: BOS }
  const made = compileTemplate(jinjaTemplate(chatShape(template, specialTokens)!, BOS))
  const now = new Date()

  test.each(CHATS)('is written alike, whether content is a text or a list, but for the start token', (...messages) => {
    const listed = messages.map(({ role, content }) => ({ role, content: [{ type: 'text', text: content }] }))
    let expected: string
    try {
      expected = renderText(template, { messages, specialTokens, now })
    } catch {
      expect(() => renderText(made, { messages: listed, now })).toThrow('System role not supported')
      return
    }
    expect(renderText(made, { messages: listed, now })).toBe(expected.replace(BOS, ''))
    expect(renderText(made, { messages, now })).toBe(expected.replace(BOS, ''))
    const complete = renderText(template, { messages, specialTokens, now, ending: 'complete' })
    expect(renderText(made, { messages: listed, now, ending: 'complete' })).toBe(complete.replace(BOS, ''))
  })
})

test('thinking can be told off where the model’s template can', () => {
  const template = compileTemplate(
    "{% for m in messages %}[{{ m.role }}]{{ m.content.split('</think>')[-1].lstrip('\n') }}{% endfor %}{% if add_generation_prompt %}[assistant]{% if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}{% endif %}",
  )
  const shape = chatShape(template, {})!
  expect(shape).toMatchObject({
    generationPrompt: '[assistant]',
    generationPromptWithoutThinking: '[assistant]<think></think>',
    dropsThoughts: true,
  })
  const made = compileTemplate(jinjaTemplate(shape, undefined))
  const messages = [{ role: 'user', content: 'a' }]
  expect(renderText(made, { messages })).toBe('[user]a[assistant]')
  expect(renderText(made, { messages, variables: { enable_thinking: false } })).toBe('[user]a[assistant]<think></think>')
})

test.each([
  ['writes no message', '{{ messages | length }}'],
  ['writes messages backwards', '{% for m in messages[::-1] %}{{ m.content }}{% endfor %}'],
  ['writes the first message twice', '{{ messages[0].content }}{% for m in messages %}{{ m.content }}{% endfor %}'],
  ['refuses everything', "{{ raise_exception('no') }}"],
  ['tells the time', "{{ strftime_now('%H:%M:%S %j') }}{% for m in messages %}{{ m.content }};{% endfor %}"],
])('a template that %s has no outline', (_what, source) => {
  expect(chatShape(compileTemplate(source), {})).toBeUndefined()
})

test('a date is in the template alone, not in the plain texts of a session', () => {
  const found = { name: 'default', source: TEMPLATES['the date of today'], place: 'x' }
  const report = { templates: new Map([['default', found]]), places: [], contradicted: [] }
  expect(bundlePrompt(report, { bos_token: BOS })).toMatchObject({
    jinjaTemplate: expect.stringContaining('strftime_now("%d %b %Y")'),
    promptTemplates: { user: { prefix: '<user>', suffix: '' }, model: { prefix: '<assistant>', suffix: '' } },
    writesStart: true,
    notices: [],
  })
  expect(bundlePrompt(report, { bos_token: BOS }).promptTemplates).not.toHaveProperty('system')
})
