// The commands that run a model, over the example: run, chat, embed, logits.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { EXAMPLE, shortExample, tell, useFolder } from '../test-support/terminal.test-support.ts'

const folder = useFolder()
const greedy = ['--greedy', '--max-tokens', '8']

describe('run', () => {
  test('a completion, streamed; the same from the argument, a file and stdin', async () => {
    const { code, out, err } = await tell(folder.path, ['run', EXAMPLE, 'ROMEO:', '--no-chat', ...greedy])
    expect([code, err]).toEqual([0, ''])
    writeFileSync(folder.file('prompt.txt'), 'ROMEO:')
    expect((await tell(folder.path, ['run', EXAMPLE, '--prompt-file', 'prompt.txt', '--no-chat', ...greedy])).out).toBe(out)
    expect((await tell(folder.path, ['run', EXAMPLE, '--no-chat', ...greedy], { input: 'ROMEO:\n' })).out).toBe(out)
  })

  test('--json has text, tokens and why it ended; --seed repeats itself', async () => {
    const once = async () =>
      JSON.parse((await tell(folder.path, ['run', EXAMPLE, 'ROMEO:', '--no-chat', '--seed', '7', '--max-tokens', '8', '--json'])).out)
    const first = await once()
    expect(first).toMatchObject({ finishReason: 'max-tokens', usage: { completionTokens: 8 } })
    expect(first.tokens).toHaveLength(8)
    expect((await once()).text).toBe(first.text)
  })

  test('--arithmetic is as in measurements: what it costs can be seen before it is used', async () => {
    await tell(folder.path, ['convert', EXAMPLE, '--quant', 'q6_k', '-o', 'm.gguf', '--no-verify', '--quiet'])
    writeFileSync(folder.file('text.txt'), 'First Citizen: Before we proceed any further, hear me speak. '.repeat(12))
    const perplexity = new Map<string, number>()
    for (const arithmetic of ['exact', 'fast', 'fastest']) {
      const chosen = ['--arithmetic', arithmetic]
      expect(await tell(folder.path, ['run', 'm.gguf', 'ROMEO:', '--no-chat', ...greedy, ...chosen])).toMatchObject({ code: 0, err: '' })
      const measured = await tell(folder.path, [
        'perplexity',
        'm.gguf',
        '--text',
        'text.txt',
        '--context',
        '64',
        ...chosen,
        '--json',
        '--quiet',
      ])
      perplexity.set(arithmetic, JSON.parse(measured.out).perplexity)
    }
    expect(new Set(perplexity.values()).size).toBe(3)
    for (const value of perplexity.values()) expect(value / perplexity.get('exact')!).toBeCloseTo(1, 1)
  })

  test('--stats tells the speed on stderr, beside text and JSON', async () => {
    for (const format of [[], ['--json']]) {
      const { out, err } = await tell(folder.path, ['run', EXAMPLE, 'ROMEO:', '--no-chat', ...greedy, '--stats', ...format])
      expect(err).toMatch(/^\d+ prompt tokens, 8 written in [\d.]+s \([\d.]+ a second\); loaded in [\d.]+s\n$/)
      expect(out).not.toContain('a second')
    }
  })

  test('--batch answers every line, in order, as each would be answered alone', async () => {
    writeFileSync(folder.file('prompts.txt'), 'ROMEO:\nJULIET:\n')
    const { out } = await tell(folder.path, ['run', EXAMPLE, '--batch', 'prompts.txt', '--no-chat', ...greedy, '--json'])
    const alone = await tell(folder.path, ['run', EXAMPLE, 'JULIET:', '--no-chat', ...greedy, '--json'])
    expect(JSON.parse(out).map(({ text }: { text: string }) => text)[1]).toBe(JSON.parse(alone.out).text)
  })

  test.each<[what: string, parameters: readonly string[], sentence: RegExp]>([
    ['no prompt', [EXAMPLE], /there is no prompt/],
    ['two prompts', [EXAMPLE, 'a', '--prompt-file', 'b'], /give the prompt once/],
    ['a file that is not there', [EXAMPLE, '--prompt-file', 'none.txt'], /--prompt-file none\.txt cannot be read/],
    ['an empty batch', [EXAMPLE, '--batch', 'empty.txt'], /has no lines/],
    ['an engine nobody knows', [EXAMPLE, 'a', '--engine', 'magic'], /no engine magic/],
    ['llama.cpp on something else than GGUF', [EXAMPLE, 'a', '--engine', 'llama.cpp'], /convert .* first/],
    ['a system message without a chat', [EXAMPLE, 'a', '--no-chat', '--system', 'b'], /--system needs a chat/],
    ['an arithmetic nobody knows', [EXAMPLE, 'a', '--arithmetic', 'slow'], /exact, fast, fastest/],
    ["an arithmetic for llama.cpp's engine", [EXAMPLE, 'a', '--engine', 'llama.cpp', '--arithmetic', 'exact'], /in its own way/],
    ['a temperature that is none', [EXAMPLE, 'a', '--temperature', 'hot'], /number of at least 0/],
    ['a share above one', [EXAMPLE, 'a', '--top-p', '2'], /'--top-p <p>' .* above 0 and up to 1/],
    ['a share of the likeliest above one', [EXAMPLE, 'a', '--min-p', '3'], /'--min-p <p>' .* from 0 to 1/],
    ['a penalty of nothing', [EXAMPLE, 'a', '--repeat-penalty', '0'], /'--repeat-penalty <x>' .* above 0/],
  ])('%s: exit code 2', async (_what, parameters, sentence) => {
    writeFileSync(folder.file('empty.txt'), '\n')
    const { code, out, err } = await tell(folder.path, ['run', ...parameters])
    expect([code, out, err]).toEqual([2, '', expect.stringMatching(sentence)])
  })
})

test('a closed stdin is no prompt, an empty argument is one', async () => {
  expect(await tell(folder.path, ['run', EXAMPLE], { input: '' })).toMatchObject({ code: 2, out: '' })
  expect((await tell(folder.path, ['run', EXAMPLE, '', '--no-chat', ...greedy])).code).toBe(0)
})

test('chat answers each line, and what was said before counts', async () => {
  const { code, out } = await tell(folder.path, ['chat', EXAMPLE, ...greedy], { input: 'Hello\n\nAgain' })
  expect(code).toBe(0)
  expect(out.split('\n').length).toBeGreaterThanOrEqual(3)
})

test('a model of few tokens answers as far as they go, where nobody asked for more', async () => {
  shortExample(folder.file('short'), 48)
  writeFileSync(folder.file('short/generation_config.json'), JSON.stringify({ max_new_tokens: 2048 }))
  expect(await tell(folder.path, ['chat', 'short', '--greedy'], { input: 'Hello' })).toMatchObject({ code: 0, err: '' })
  expect(await tell(folder.path, ['run', 'short', 'Hello', '--greedy'])).toMatchObject({ code: 0, err: '' })
  const asked = await tell(folder.path, ['run', 'short', 'Hello', '--greedy', '--max-tokens', '100'])
  expect(asked).toMatchObject({ code: 1, err: expect.stringContaining('do not fit') })
})

describe('a conversation longer than the model holds', () => {
  const questions = ['Who is there?', 'What news do you bring me from the king?', 'Speak again and louder.', 'Who is there?']

  test('goes on without its first questions, and says so', async () => {
    shortExample(folder.file('short'), 64)
    const { code, out, err } = await tell(folder.path, ['chat', 'short', ...greedy, '--json'], { input: questions.join('\n') })
    const { messages } = JSON.parse(out)
    expect([code, messages.length]).toEqual([0, 8])
    expect(err).toBe('(the model holds 64 tokens: from now on it is shown the end of the conversation only)\n')
    const quiet = await tell(folder.path, ['chat', 'short', ...greedy, '--quiet'], { input: questions.join('\n') })
    expect(quiet).toMatchObject({ code: 0, err: '' })
  })

  test('ends at a question that is too long by itself, where nobody sits there to ask another', async () => {
    shortExample(folder.file('short'), 64)
    const input = `Who is there?\n${'louder '.repeat(64)}\nWho is there?`
    expect(await tell(folder.path, ['chat', 'short', ...greedy], { input })).toMatchObject({
      code: 1,
      err: expect.stringContaining('holds 64'),
    })
    const person = await tell(folder.path, ['chat', 'short', ...greedy], { input, interactive: true })
    expect(person).toMatchObject({ code: 0, err: expect.stringContaining('holds 64') })
    expect(person.out.trimEnd().split('\n').length).toBeGreaterThanOrEqual(2)
  })
})

test('chat --json is one document, the conversation', async () => {
  const { code, out } = await tell(folder.path, ['chat', EXAMPLE, ...greedy, '--system', 'Be brief.', '--json'], { input: 'Hello\nAgain' })
  expect(code).toBe(0)
  expect(JSON.parse(out).messages.map(({ role }: { role: string }) => role)).toEqual(['system', 'user', 'assistant', 'user', 'assistant'])
})

describe('embed', () => {
  test('a JSON line for each text; one document with --json', async () => {
    const { code, out } = await tell(folder.path, ['embed', EXAMPLE, 'a cat', 'a dog', '--normalize'])
    expect(code).toBe(0)
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ text }) => text)).toEqual(['a cat', 'a dog'])
    expect(lines[0].embedding.reduce((sum: number, value: number) => sum + value * value, 0)).toBeCloseTo(1, 5)
    const piped = await tell(folder.path, ['embed', EXAMPLE, '--normalize', '--json'], { input: 'a cat\na dog\n' })
    expect(JSON.parse(piped.out)).toEqual(lines)
  })

  test('--pooling none gives a vector for each token', async () => {
    const { out } = await tell(folder.path, ['embed', EXAMPLE, 'a cat', '--pooling', 'none'])
    const { tokens, embedding } = JSON.parse(out)
    expect([embedding.length, embedding[0].length]).toEqual([tokens, 256])
    expect(await tell(folder.path, ['embed', EXAMPLE, 'a', '--pooling', 'max'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('choose'),
    })
  })
})

test('logits writes the four files of a prompt', async () => {
  const { code } = await tell(folder.path, ['logits', EXAMPLE, '--prompt', 'ROMEO:', '-o', 'data'])
  expect(code).toBe(0)
  const base = 'fartsovka-shakespeare-llama'
  expect(readdirSync(folder.file('data')).sort()).toEqual([`${base}-prompt.txt`, `${base}-tokens.bin`, `${base}.bin`, `${base}.txt`])
  expect(readFileSync(folder.file(`data/${base}.bin`)).length).toBe(4 * 1024)
  expect(
    readFileSync(folder.file(`data/${base}.txt`), 'utf8')
      .trimEnd()
      .split('\n'),
  ).toHaveLength(1024)
})

test('models lists what is known', async () => {
  const { out } = await tell(folder.path, ['models', '--json'])
  expect(JSON.parse(out)).toContainEqual(
    expect.objectContaining({ id: 'llama', gguf: 'llama', huggingFace: expect.arrayContaining(['LlamaForCausalLM']) }),
  )
  expect((await tell(folder.path, ['models'])).out).toMatch(/^llama +Llama +llama +/m)
})
