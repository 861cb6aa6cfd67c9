import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkRepository, formatModelId, isCommit, parseModelId } from './model-id.ts'

describe('parseModelId', () => {
  test.each([
    ['Qwen/Qwen2.5-0.5B-Instruct', { repository: 'Qwen/Qwen2.5-0.5B-Instruct' }],
    ['org/name@main', { repository: 'org/name', revision: 'main' }],
    ['org/name@refs/pr/1', { repository: 'org/name', revision: 'refs/pr/1' }],
    ['org/name:Q4_K_M', { repository: 'org/name', quant: 'Q4_K_M' }],
    ['org/name@v1.0:UD-Q4_K_XL', { repository: 'org/name', revision: 'v1.0', quant: 'UD-Q4_K_XL' }],
    ['org/name:model-q8_0.gguf', { repository: 'org/name', quant: 'model-q8_0.gguf' }],
    [
      'hf://org/name@0123456789012345678901234567890123456789',
      { repository: 'org/name', revision: '0123456789012345678901234567890123456789' },
    ],
    ['_org/name_', { repository: '_org/name_' }],
  ])('%s', (text, id) => expect(parseModelId(text)).toEqual(id))

  test.each([
    '',
    'name',
    'org/name/more',
    '../name',
    'org/..',
    '/org/name',
    'org/na me',
    'org/name--x',
    'org/name.git',
    '-org/name',
    'org/name.',
    `org/${'x'.repeat(96)}`,
    'org/name@',
    'org/name@../../x',
    'org/name@a..b/../c',
    'org/name@x.lock',
    'org/name@a~1',
    'org/name@a b',
    'org/name@@{1}',
    'org/name:',
    'org/name:Q4/../x',
    'org/name:Q4:Q5',
    'https://huggingface.co/org/name',
    'C:\\models\\x',
    './org/name',
    'org/name\n',
  ])('refuses %j', (text) => {
    expect(() => parseModelId(text)).toThrow(expect.objectContaining({ code: 'hub/bad-id' }))
  })

  test('reads back what formatModelId writes', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9_]{1,20}$/)
    const ids = fc.record(
      { repository: fc.tuple(word, word).map((parts) => parts.join('/')), revision: word, quant: word },
      { requiredKeys: ['repository'] },
    )
    fc.assert(
      fc.property(ids, (id) => {
        // A quantization starts and ends with a letter or digit, unlike a branch.
        if (id.quant !== undefined && /^_|_$/.test(id.quant)) return
        expect(parseModelId(formatModelId(id))).toEqual(id)
      }),
    )
  })
})

test('checkRepository refuses what would change an address or a path', () => {
  expect(() => checkRepository('org/name', 'main')).not.toThrow()
  for (const [repository, revision] of [
    ['org/name?x=1', 'main'],
    ['org/name', '../main'],
    ['org', 'main'],
  ] as const)
    expect(() => checkRepository(repository, revision)).toThrow(expect.objectContaining({ code: 'hub/bad-id' }))
})

test('a commit is a whole lower-case hash', () => {
  expect(isCommit('a'.repeat(40))).toBe(true)
  expect(isCommit('a'.repeat(64))).toBe(true)
  for (const text of ['a'.repeat(39), 'A'.repeat(40), 'main', '']) expect(isCommit(text)).toBe(false)
})
