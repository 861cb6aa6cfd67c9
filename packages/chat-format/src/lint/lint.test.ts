import { describe, expect, test } from 'vitest'
import { ABSENT, referenceTokenizers } from '../reference.test-support.ts'
import { compareTemplates } from './compare.ts'
import { type LintContext, lintTemplate, TEMPLATE_FINDINGS } from './lint.ts'

const START = "{{ bos_token }}{% for m in messages %}{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}{% endfor %}"
const GOOD = `${START}{% if tools %}{{ tools | tojson }}{% endif %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}`
const codes = (source: string, context: LintContext = {}) => lintTemplate(source, context).map((finding) => finding.code)

const FAULTS: readonly (readonly [code: keyof typeof TEMPLATE_FINDINGS, source: string, context?: LintContext])[] = [
  ['unreadable', '{% if %}'],
  ['fails', '{{ missing.name }}'],
  ['question-lost', GOOD.replace('m.content', "''")],
  ['doubled-bos', GOOD, { specialTokens: { bos_token: '<s>' }, tokenizerAddsBos: true }],
  ['doubled-bos', `{{ bos_token }}${GOOD}`, { specialTokens: { bos_token: '<s>' } }],
  ['missing-bos', GOOD.replace('{{ bos_token }}', ''), { specialTokens: { bos_token: '<s>' }, tokenizerAddsBos: false }],
  ['missing-generation-prompt', START],
  ['open-answer', GOOD.replace(" + '<|end|>'", '')],
  ['unknown-token', GOOD, { hasToken: (token) => token !== '<|end|>' }],
  ['history-lost', GOOD.replace('in messages', 'in messages[-1:]')],
  ['byte-order-mark', `\ufeff${GOOD}`],
  ['system-refused', `{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}${GOOD}`],
  ['system-lost', GOOD.replace('in messages', "in messages if m.role != 'system'")],
  ['tools-ignored', GOOD.replace('tools | tojson', "''")],
  ['time-dependent', `{{ strftime_now('%Y') }}${GOOD}`],
]

test.each(FAULTS.map(([code, source, context]) => ({ code, source, context })))('$code', ({ code, source, context }) => {
  expect(codes(source, context)).toContain(code)
})

test('every finding has a fault above that shows it, and a sound template has none', () => {
  expect(new Set(FAULTS.map(([code]) => code))).toEqual(new Set(Object.keys(TEMPLATE_FINDINGS)))
  expect(codes(GOOD, { specialTokens: { bos_token: '<s>' }, tokenizerAddsBos: false, hasToken: () => true })).toEqual([])
})

test('two spellings of one template do not differ, two templates do', () => {
  expect(compareTemplates(GOOD, GOOD.replaceAll('m.content', "m['content']"))).toEqual([])
  const trimming = compareTemplates(GOOD, GOOD.replaceAll('m.content', '(m.content | trim)'))
  expect(trimming.map((difference) => difference.probe)).toEqual(['blanks'])
  const refusing = compareTemplates(GOOD, `{% if tools %}{{ raise_exception('no tools') }}{% endif %}${GOOD}`)
  expect(refusing.map(({ probe, right }) => [probe, right.type])).toEqual([
    ['tools', 'error'],
    ['toolResult', 'error'],
  ])
})

describe.skipIf(ABSENT)(`real templates${ABSENT ? ` (skipped: ${ABSENT})` : ''}`, () => {
  const expected: { readonly [name: string]: readonly string[] } = {
    gemma3: ['doubled-bos', 'tools-ignored'],
    llama3_2: ['doubled-bos', 'time-dependent'],
    qwen2_5: [],
    qwen3: [],
  }
  test.each(referenceTokenizers())('$name', ({ name, template, specialTokens }) => {
    // As if the tokenizer added the token too, which for the two that write it is the commonest mistake of converted files.
    expect(codes(template, { specialTokens, tokenizerAddsBos: 'bos_token' in specialTokens })).toEqual(expected[name])
  })
})
