// Templates made to hang, to swell or to dig: each has to end in an error of ours, within a second, in the process it was given to.
import { expect, test } from 'vitest'
import { DEFAULT_LIMITS } from './jinja/budget.ts'
import { compileTemplate, renderText } from './render.ts'

const range = (count: number) => `{% for i in range(${count}) %}`
const ns = '{% set ns = namespace(a=[], s="x") %}'

const HOSTILE: readonly (readonly [label: string, template: string, code: string])[] = [
  ['range(1e8)', `${range(100_000_000)}{% endfor %}`, 'limit-'],
  ['range of everything', `{{ range(-9007199254740991, 9007199254740991) | length }}`, 'limit-'],
  ['30000 x 30000 rounds', `${range(30_000)}${range(30_000)}{% endfor %}{% endfor %}`, 'limit-'],
  ['endless macro', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', 'limit-depth'],
  ['macros that branch', '{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}', 'limit-'],
  ['100 MB by replaces', `{{ "aaaaaaaaaa"${' | replace("a", "aaaaaaaaaa")'.repeat(8)} }}`, 'limit-'],
  ['a string doubled 60 times', `${ns}${range(60)}{% set ns.s = ns.s + ns.s %}{% endfor %}`, 'limit-'],
  ['a string times a billion', '{{ "x" * 1000000000 }}', 'limit-'],
  ['an empty string times 2^53', '{{ ("" * 9007199254740991) ~ ([] * 9007199254740991) }}ok{{ [1] * 9007199254740991 }}', 'limit-'],
  ['a list doubled 60 times', `${ns}${range(60)}{% set ns.a = ns.a + ns.a + [1] %}{% endfor %}`, 'limit-'],
  ['a list nested in itself, written', `${ns}${range(60)}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a }}`, 'limit-'],
  ['a list nested in itself, as JSON', `${ns}${range(60)}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a | tojson }}`, 'limit-'],
  [
    'a list nested in itself, compared',
    `${ns}{% set m = namespace(a=[]) %}${range(60)}{% set ns.a = [ns.a, ns.a] %}{% set m.a = [m.a, m.a] %}{% endfor %}{{ ns.a == m.a }}`,
    'limit-',
  ],
  ['a list nested 100000 deep', `${ns}${range(100_000)}{% set ns.a = [ns.a] %}{% endfor %}{{ ns.a }}`, 'limit-depth'],
  ['an indent of 10^9', '{{ [1] | tojson(indent=1000000000) }}', 'limit-'],
  ['an indent of 10^9 spaces', '{{ "a\\nb" | indent(1000000000) }}', 'limit-'],
  ['a line break indented a million times', '{{ ("\\n" * 1000000) | indent("x" * 1000) }}', 'limit-'],
  ['a batch filled up to 10^12', '{{ [1] | batch(1000000000000, "x") }}', 'limit-'],
  ['a join of joins', `{% set s = "x" * 100000 %}{{ range(100000) | join(s) }}`, 'limit-'],
  [
    'stripping a long blank again and again',
    `{% set s = " " * 1000000 %}${range(100_000)}{{ s | trim }}{{ s.strip() }}{% endfor %}`,
    'limit-',
  ],
  [
    'scanning a long string again and again',
    `{% set s = "x" * 1000000 %}${range(100_000)}{% if "y" in s %}{% endif %}{% endfor %}`,
    'limit-',
  ],
  [
    'comparing long strings again and again',
    `{% set s = "x" * 1000000 %}{% set t = s + "y" %}${range(100_000)}{% if s < t %}{% endif %}{% endfor %}`,
    'limit-',
  ],
  [
    'counting a long string again and again',
    `{% set s = "x" * 1000000 %}${range(1_000_000)}{% set n = s | length %}{% endfor %}`,
    'limit-',
  ],
  [
    'splitting into characters again and again',
    `{% set s = "x" * 1000000 %}${range(1_000_000)}{% set n = s | list %}{% endfor %}`,
    'limit-',
  ],
  ['an expression of 2000 operators', `{{ 1${' + 1'.repeat(2000)} }}`, 'limit-depth'],
  ['2000 nested filters', `{{ "x"${' | trim'.repeat(2000)} }}`, 'limit-depth'],
  ['deep conditions', `${'{% if true %}'.repeat(10_000)}${'{% endif %}'.repeat(10_000)}`, 'template-syntax'],
]

test.each(HOSTILE)('%s', (_label, source, code) => {
  const start = performance.now()
  const run = () => renderText(compileTemplate(source), { messages: [] })
  expect(run).toThrow(expect.objectContaining({ code: expect.stringContaining(`chat-format/${code}`) }))
  expect(performance.now() - start).toBeLessThan(1000)
})

test.each([
  ['range(1e8)', `${range(100_000_000)}{% endfor %}`, 'chat-format/limit-steps'],
  ['a string times a billion', '{{ "x" * 1000000000 }}', 'chat-format/limit-characters'],
  ['endless macro', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', 'chat-format/limit-depth'],
])('%s is stopped by the limit it is made for, not by the clock', (_label, source, code) => {
  expect(() => renderText(compileTemplate(source), { messages: [] })).toThrow(expect.objectContaining({ code }))
})

test('the clock stops what steps and characters allow', () => {
  const template = compileTemplate(`${range(1_000_000)}{% endfor %}`)
  const limits = { steps: 1e9, characters: 1e9, depth: 100, milliseconds: 20 }
  expect(() => renderText(template, { messages: [] }, limits)).toThrow(expect.objectContaining({ code: 'chat-format/limit-time' }))
})

test('a chat nested 100000 deep is refused, not followed', () => {
  let content: unknown = 'x'
  for (let i = 0; i < 100_000; i++) content = [content]
  // biome-ignore lint/suspicious/noExplicitAny: a hostile client sends any JSON.
  const messages = [{ role: 'user', content }] as any
  expect(() => renderText(compileTemplate('{{ messages | length }}'), { messages })).toThrow(
    expect.objectContaining({ code: 'chat-format/limit-depth' }),
  )
})

test('a large honest chat stays within steps and characters', () => {
  const template = compileTemplate("{% for m in messages %}{{ '<|' + m.role + '|>' + m.content | trim + '<|end|>' }}{% endfor %}")
  // On a machine that is busy with other things the clock may run out first; a caller with such chats sets it.
  const limits = { ...DEFAULT_LIMITS, milliseconds: 20_000 }
  const many = Array.from({ length: 20_000 }, (_, i) => ({ role: i % 2 ? 'assistant' : 'user', content: `message ${i} `.repeat(10) }))
  expect(renderText(template, { messages: many }, limits).length).toBeGreaterThan(2_000_000)
  const long = [{ role: 'user', content: 'word '.repeat(1_000_000) }]
  expect(renderText(template, { messages: long }, limits).length).toBeGreaterThan(4_999_000)
})
