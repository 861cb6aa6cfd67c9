import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { layoutGguf } from '@fs/formats/gguf'
import { describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../test-support/terminal.test-support.ts'

const folder = useFolder()
const inspect = (...parameters: string[]) => tell(folder.path, ['inspect', ...parameters])
const json = async (...parameters: string[]) => JSON.parse((await inspect(...parameters, '--json')).out)

describe('a checkpoint', () => {
  test('overview', async () => {
    const { code, out } = await inspect(EXAMPLE)
    expect(code).toBe(0)
    for (const line of [
      /^architecture +Llama$/m,
      /^parameters +1\.44 M in 20 tensors, 16\.00 bits each$/m,
      /^layers +2$/m,
      /^head +tied$/m,
    ])
      expect(out).toMatch(line)
    expect(await json(EXAMPLE)).toMatchObject({
      container: 'safetensors',
      architecture: { id: 'llama' },
      shape: { layers: 2, vocabulary: 1024 },
      parameters: 1_443_072,
      chatTemplate: true,
    })
  })

  test('--tensors folds layers, --all does not, JSON is complete', async () => {
    const { out } = await inspect(EXAMPLE, '--tensors')
    expect(out).toMatch(/^model\.layers\.\{0\.\.1\}\.mlp\.up_proj\.weight +BF16 +\[512, 256\] +262 K +524 kB$/m)
    expect(out.trimEnd().split('\n')).toHaveLength(1 + 2 + 9)
    expect((await inspect(EXAMPLE, '--tensors', '--all')).out.trimEnd().split('\n')).toHaveLength(1 + 20)
    expect(await json(EXAMPLE, '--tensors')).toHaveLength(20)
  })

  test('--metadata is its configuration, --template its template', async () => {
    expect(await json(EXAMPLE, '--metadata')).toEqual(JSON.parse(readFileSync(join(EXAMPLE, 'config.json'), 'utf8')))
    const template = readFileSync(join(EXAMPLE, 'chat_template.jinja'), 'utf8')
    expect(await json(EXAMPLE, '--template')).toEqual({ template })
    expect((await inspect(EXAMPLE, '--template')).out).toBe(`${template}\n`)
  })

  test('--values', async () => {
    const { name, type, shape, values } = await json(EXAMPLE, '--values', 'model.norm.weight', '-n', '3')
    expect([name, type, shape, values.length]).toEqual(['model.norm.weight', 'BF16', [256], 3])
    // bfloat16: the lower half of each float32 is empty.
    expect([...new Uint32Array(Float32Array.from(values).buffer)].map((bits) => bits & 0xffff)).toEqual([0, 0, 0])
    expect(await inspect(EXAMPLE, '--values', 'nothing')).toMatchObject({ code: 2, err: expect.stringContaining('--tensors lists them') })
  })

  test('an architecture nobody knows can be looked at all the same', async () => {
    cpSync(EXAMPLE, folder.file('odd'), { recursive: true })
    writeFileSync(folder.file('odd/config.json'), JSON.stringify({ architectures: ['OddForCausalLM'], model_type: 'odd' }))
    expect(await inspect('odd')).toMatchObject({ code: 0, out: expect.stringMatching(/^architecture +not understood: .*Odd/m) })
  })

  test('a file that holds a vocabulary only says so', async () => {
    await tell(folder.path, ['convert', EXAMPLE, '--vocab-only', '-o', 'vocabulary.gguf'])
    expect((await inspect('vocabulary.gguf')).out).toMatch(/^architecture +none: a vocabulary for llama, without weights$/m)
    expect(await json('vocabulary.gguf')).toMatchObject({ architecture: { vocabularyOf: 'llama' } })
  })
})

test('--diff says what differs, by key and by tensor', async () => {
  await tell(folder.path, ['convert', EXAMPLE, '--quant', 'q8_0,q4_0', '-o', 'm-{FTYPE}.gguf', '--tensor-type', 'attn_v=q8_0'])
  const found = await json('m-Q8_0.gguf', '--diff', 'm-Q4_0.gguf')
  expect(found).toContainEqual({ what: 'metadata', name: 'general.file_type', left: '7', right: '2' })
  expect(found).toContainEqual({ what: 'tensor', name: 'blk.0.attn_q.weight', left: 'Q8_0 [256, 256]', right: 'Q4_0 [256, 256]' })
  expect(found.some(({ name }: { name: string }) => name === 'blk.0.attn_v.weight')).toBe(false)
  expect((await inspect('m-Q8_0.gguf', '--diff', 'm-Q4_0.gguf')).out).toMatch(/^- +metadata +general\.file_type +7$/m)
  expect((await inspect('m-Q8_0.gguf', '--diff', 'm-Q8_0.gguf')).out).toBe('The headers say the same.\n')
})

test('nothing a file says reaches the terminal as a command', async () => {
  const evil = '\u001b[2J\u001b]0;owned\u0007\nx\u202e'
  const { header, size } = layoutGguf({
    metadata: new Map([
      ['general.architecture', { type: 'STRING', value: `llama${evil}` }],
      ['general.name', { type: 'STRING', value: evil }],
      [`key${evil}`, { type: 'UINT64', value: 2n ** 63n }],
      ['tokenizer.chat_template', { type: 'STRING', value: evil }],
    ]),
    tensors: [{ name: `t${evil}`, type: 'F32', shape: [8] }],
  })
  writeFileSync(folder.file('evil.gguf'), Buffer.concat([header, Buffer.alloc(size - header.length)]))
  for (const section of [
    [],
    ['--tensors'],
    ['--metadata'],
    ['--template'],
    ['--values', `t${evil}`],
    ['--values', 'none'],
    ['--diff', EXAMPLE],
  ]) {
    const { out, err } = await inspect('evil.gguf', ...section)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(`${out}${err}`, section.join(' ')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
  }
  expect((await json('evil.gguf', '--metadata'))[`key${evil}`]).toBe('9223372036854775808')
})
