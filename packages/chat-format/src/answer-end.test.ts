import { expect, test } from 'vitest'
import { answerEnd } from './answer-end.ts'
import { ABSENT, referenceTokenizers } from './reference.test-support.ts'
import { compileTemplate } from './render.ts'

test('what follows an answer', () => {
  const template = compileTemplate("{% for m in messages %}{{ '<' + m.role + '>' + m.content + eos_token }}{% endfor %}")
  expect(answerEnd(template, { eos_token: '</s>' })).toBe('</s>')
  expect(answerEnd(template)).toBeUndefined()
  expect(answerEnd(compileTemplate('{{ missing.name }}'))).toBeUndefined()
})

const ENDS: { readonly [model: string]: string } = {
  llama3_2: '<|eot_id|>',
  gemma3: '<end_of_turn>\n',
  qwen2_5: '<|im_end|>\n',
  qwen3: '<|im_end|>\n',
}

test.skipIf(ABSENT).each(referenceTokenizers())(`$name${ABSENT ? ` (skipped: ${ABSENT})` : ''}`, ({ name, template, specialTokens }) => {
  expect(answerEnd(compileTemplate(template), specialTokens)).toBe(ENDS[name])
})
