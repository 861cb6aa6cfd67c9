// The interpreter against transformers' own Jinja environment, case by case; `fixtures/jinja-oracle.py` made the expectations.
import { readFileSync } from 'node:fs'
import type { Json, JsonObject } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { compileTemplate, renderText } from '../render.ts'

type Oracle = {
  readonly context: { readonly messages: JsonObject[]; readonly bos_token: string; readonly [name: string]: Json }
  readonly cases: readonly { readonly template: string; readonly rendered?: string; readonly error?: string }[]
}

const oracle: Oracle = JSON.parse(readFileSync(new URL('../../fixtures/jinja-oracle.json', import.meta.url), 'utf8'))
const { messages, bos_token, tools: _none, add_generation_prompt: _default, ...variables } = oracle.context
const render = (template: string) => renderText(compileTemplate(template), { messages, specialTokens: { bos_token }, variables })

describe('writes what transformers writes', () => {
  test.each(oracle.cases.filter((row) => row.rendered !== undefined))('$template', ({ template, rendered }) => {
    expect(render(template)).toBe(rendered)
  })
})

describe('fails where transformers fails', () => {
  test.each(oracle.cases.filter((row) => row.error !== undefined))('$template: $error', ({ template, error }) => {
    const code = error?.startsWith('TemplateError') ? 'chat-format/template-refused' : 'chat-format/template-failed'
    expect(() => render(template)).toThrow(expect.objectContaining({ code }))
  })
})
