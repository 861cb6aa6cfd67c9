import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type HubServer, startHubServer } from '@fs/hub-server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../test-support/terminal.test-support.ts'

const WRITER = 'hf_writerwriter'
const folder = useFolder()
let server: HubServer

beforeEach(async () => {
  server = await startHubServer({
    accounts: { [WRITER]: { name: 'ann', organizations: ['guild'], role: 'write' }, hf_reader: { name: 'bob', role: 'read' } },
    partSize: 500_000,
  })
})
afterEach(() => server.close())

const hub = (parameters: readonly string[], token: string | undefined = WRITER) =>
  tell(folder.path, ['hub', ...parameters], {
    environment: { HF_ENDPOINT: server.endpoint, HF_HOME: folder.file('home'), ...(token === '' ? {} : { HF_TOKEN: token }) },
  })

test('whoami', async () => {
  expect(await hub(['whoami'])).toEqual({ code: 0, out: 'ann (write), member of guild\n', err: '' })
  expect(JSON.parse((await hub(['whoami', '--json'], 'hf_reader')).out)).toEqual({ name: 'bob', organizations: [], role: 'read' })
})

describe('a release', () => {
  test('created, described, uploaded, collected', async () => {
    mkdirSync(folder.file('out'))
    await tell(folder.path, ['convert', EXAMPLE, '--quant', 'q4_0,q8_0', '-o', 'out/'])
    expect(await hub(['create', 'guild/bard-GGUF', '--private'])).toMatchObject({ code: 0, out: `${server.endpoint}/guild/bard-GGUF\n` })

    const files = ['out/shakespeare-llama-Q4_0.gguf', 'out/shakespeare-llama-Q8_0.gguf']
    const card = await hub(['card', ...files, '--repository', 'guild/bard-GGUF', '--base-model', 'ann/bard', '-o', 'out/README.md'])
    expect(card).toMatchObject({ code: 0, out: 'out/README.md\n' })
    const text = readFileSync(folder.file('out/README.md'), 'utf8')
    expect(text).toMatch(/^---\nbase_model:\n- "ann\/bard"\n/)
    expect(text).toContain('| shakespeare-llama-Q4_0.gguf | Q4_0 | 0.00 GB |')

    writeFileSync(folder.file('out/other.gguf.partial'), 'unfinished')
    const uploaded = await hub(['upload', 'guild/bard-GGUF', 'out', '--json', '--quiet'])
    expect([uploaded.code, uploaded.err]).toEqual([0, ''])
    expect(JSON.parse(uploaded.out).commit).toMatch(/^[0-9a-f]{40}$/)
    const contents = server.contents('guild/bard-GGUF')!
    expect(Object.keys(contents).sort()).toEqual(['README.md', 'shakespeare-llama-Q4_0.gguf', 'shakespeare-llama-Q8_0.gguf'])
    expect(Buffer.from(contents['shakespeare-llama-Q8_0.gguf']!).equals(readFileSync(folder.file(files[1]!)))).toBe(true)

    const slug = (await hub(['collection', 'create', 'Small Models'])).out.trim()
    expect(slug).toMatch(/^ann\/small-models-/)
    expect(await hub(['collection', 'add', slug, 'guild/bard-GGUF', '--note', 'the first'])).toMatchObject({ code: 0 })
    expect(server.collection(slug)).toEqual({
      title: 'Small Models',
      private: false,
      items: [{ id: 'guild/bard-GGUF', note: 'the first' }],
    })
  })

  test('the upload’s progress is told', async () => {
    writeFileSync(folder.file('model.gguf'), new Uint8Array(2_000_000))
    await hub(['create', 'ann/model'])
    const { code, err } = await hub(['upload', 'ann/model', 'model.gguf'])
    expect([code, err]).toEqual([0, expect.stringMatching(/uploading to ann\/model 100 % {2}2\.0 MB of 2\.0 MB/)])
  })
})

test.each([
  [['create', 'guild/model', '--private'], 'would create guild/model, private, on '],
  [['upload', 'guild/model', 'a.gguf'], 'would upload to guild/model (main) on '],
  [['collection', 'create', 'Small', '--private'], 'would create the collection "Small", private, in '],
  [['collection', 'add', 'ann/x-0123', 'ann/model'], 'would add ann/model to ann/x-0123 on '],
])('--dry-run sends nothing: %j', async (parameters, sentence) => {
  writeFileSync(folder.file('a.gguf'), 'GGUF')
  const { code, out } = await hub([...parameters, '--dry-run'])
  expect([code, out]).toEqual([0, expect.stringContaining(sentence)])
  expect(JSON.parse((await hub([...parameters, '--dry-run', '--json'])).out)).toMatchObject({ dryRun: true })
  expect(server.requests).toEqual([])
})

describe('what goes wrong', () => {
  test.each<[what: string, parameters: readonly string[], token: string, code: number, sentence: RegExp]>([
    ['no token', ['create', 'ann/model'], '', 1, /HF_TOKEN/],
    ['a token that may only read', ['create', 'bob/model'], 'hf_reader', 1, /bob\/model|write/],
    ['a token nobody knows', ['whoami'], 'hf_forgedforged', 1, /refused the access token/],
    ['a name that is none', ['create', 'model'], WRITER, 2, /org\/name/],
    ['nothing to upload', ['upload', 'ann/model', 'none.gguf'], WRITER, 1, /none\.gguf: there is no such file/],
    ['an empty folder', ['upload', 'ann/model', 'empty'], WRITER, 2, /no file to upload/],
    ['two of one name', ['upload', 'ann/model', 'a.gguf', 'b/a.gguf'], WRITER, 2, /two files would be called a\.gguf/],
    ['no such collection', ['collection', 'add', 'nonsense', 'ann/model'], WRITER, 1, /no collection nonsense/],
    ['a card of something else', ['card', `${EXAMPLE}/model.safetensors`, '--repository', 'ann/m'], WRITER, 2, /not a GGUF file/],
  ])('%s', async (_what, parameters, token, expected, sentence) => {
    for (const path of ['empty', 'b']) mkdirSync(folder.file(path))
    for (const path of ['a.gguf', 'b/a.gguf']) writeFileSync(folder.file(path), 'GGUF')
    const { code, out, err } = await hub(parameters, token)
    expect([code, out]).toEqual([expected, ''])
    expect(err).toMatch(/^error: [^\n]+\n$/)
    expect(err).toMatch(sentence)
    expect(err).not.toContain('forged')
  })

  test('a card is not overwritten, unless --force', async () => {
    await tell(folder.path, ['convert', EXAMPLE, '--vocab-only', '-o', 'm.gguf'])
    writeFileSync(folder.file('README.md'), 'mine')
    const parameters = ['card', 'm.gguf', '--repository', 'ann/m', '-o', 'README.md']
    expect(await hub(parameters)).toMatchObject({ code: 1, err: expect.stringContaining('--force') })
    expect(readFileSync(folder.file('README.md'), 'utf8')).toBe('mine')
    expect(JSON.parse((await hub([...parameters, '--json'])).out).error).toMatchObject({ code: 'cli/output-exists' })
    expect(await hub([...parameters, '--force'])).toMatchObject({ code: 0 })
  })
})
