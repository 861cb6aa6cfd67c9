// Commands on models of the Hub, against a server on loopback that speaks its protocol.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type HubServer, startHubServer } from '@fs/hub-server'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../test-support/terminal.test-support.ts'

const TOKEN = 'hf_letmeinletmein'
const folder = useFolder()
let server: HubServer

const example = Object.fromEntries(readdirSync(EXAMPLE).map((name) => [name, new Uint8Array(readFileSync(join(EXAMPLE, name)))]))
/** What other frameworks keep beside the weights, and nobody here needs. */
const unneeded = { 'flax_model.msgpack': 'flax', 'onnx/model.onnx': 'onnx', 'pytorch_model.bin': 'pickle', 'training_args.bin': 'args' }

beforeAll(async () => {
  server = await startHubServer({ tokens: { [TOKEN]: ['org/gated', 'org/private'], hf_other: [] } })
  for (const name of ['org/bard', 'org/gated', 'org/private']) server.commit(name, { ...example, ...unneeded })
  const config = JSON.parse(new TextDecoder().decode(example['config.json']))
  server.commit('org/bard', { ...example, 'config.json': JSON.stringify({ ...config, max_position_embeddings: 512 }) }, 'short')
  server.configure('org/gated', { visibility: 'gated' })
  server.configure('org/private', { visibility: 'private' })
})
afterEach(() => {
  server.behave()
  server.requests.length = 0
})
afterAll(() => server.close())

function hub(parameters: readonly string[], environment: { readonly [name: string]: string } = {}) {
  return tell(folder.path, parameters, {
    environment: { HF_ENDPOINT: server.endpoint, HF_HUB_CACHE: folder.file('cache'), HF_HOME: folder.file('home'), ...environment },
  })
}
const convert = (model: string, ...more: string[]) => hub(['convert', model, '--vocab-only', '-o', 'm.gguf', '--force', ...more])
const gguf = (name = 'm.gguf') => readFileSync(folder.file(name))
const fetched = () => [...new Set(server.requests.flatMap(({ path }) => /\/resolve\/[^/]+\/([^?]+)/.exec(path)?.[1] ?? []))].sort()

describe('convert org/name', () => {
  test('downloads what is needed and nothing else, then the cache is enough', async () => {
    const first = await hub(['convert', 'org/bard', '--quant', 'q8_0'])
    expect(first).toMatchObject({ code: 0, err: expect.stringMatching(/downloading/) })
    expect(fetched()).toEqual(Object.keys(example).sort())
    const bytes = gguf('bard-Q8_0.gguf')
    server.requests.length = 0
    for (const offline of [['--offline'], []]) {
      rmSync(folder.file('bard-Q8_0.gguf'))
      const again = await hub(['convert', 'org/bard', '--quant', 'q8_0', ...offline], offline.length > 0 ? {} : { HF_HUB_OFFLINE: '1' })
      expect(again.code).toBe(0)
      expect(gguf('bard-Q8_0.gguf').equals(bytes)).toBe(true)
    }
    expect(server.requests).toEqual([])
    await hub(['convert', EXAMPLE, '--quant', 'q8_0', '--name', 'Bard', '-o', 'local.gguf'])
    expect(bytes.length - gguf('local.gguf').length).toBeLessThan(1000)
  })

  test('--remote gives the same tensors, and keeps no copy', async () => {
    await hub(['convert', 'org/bard', '--quant', 'q4_0', '-o', 'copied.gguf'])
    rmSync(folder.file('cache'), { recursive: true })
    const { code } = await hub(['convert', 'org/bard', '--quant', 'q4_0', '-o', 'remote.gguf', '--remote'])
    expect(code).toBe(0)
    expect(gguf('remote.gguf').equals(gguf('copied.gguf'))).toBe(true)
    expect(existsSync(folder.file('cache'))).toBe(false)
  })

  test.each([
    ['org/bard@short', []],
    ['org/bard', ['--revision', 'short']],
  ])('a revision: %s %j', async (model, more) => {
    expect(await convert(model, ...more)).toMatchObject({ code: 0 })
    const { out } = await hub(['inspect', 'm.gguf', '--metadata', '--json'])
    expect(JSON.parse(out)['llama.context_length']).toBe(512)
  })

  test('--json --quiet: the download says nothing', async () => {
    const { code, out, err } = await convert('org/bard', '--json', '--quiet')
    expect([code, err]).toEqual([0, ''])
    expect(JSON.parse(out)).toMatchObject({ model: 'org/bard' })
  })

  test('the token opens what is gated', async () => {
    const { code } = await hub(['convert', 'org/gated', '--vocab-only'], { HF_TOKEN: TOKEN })
    expect(code).toBe(0)
    expect(server.requests.filter(({ host, headers }) => host === 'storage' && headers.authorization !== undefined)).toEqual([])
  })
})

describe('inspect', () => {
  test('reads headers by ranges and downloads nothing', async () => {
    const { code, out } = await hub(['inspect', 'org/bard', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ name: 'org/bard', architecture: { title: 'Llama' }, chatTemplate: true })
    expect(existsSync(folder.file('cache'))).toBe(false)
    for (const { path, headers } of server.requests.filter(({ host }) => host === 'storage')) expect(headers.range, path).toMatch(/^bytes=/)
  })
})

describe('what goes wrong is one sentence and an exit code', () => {
  const forged = { HF_TOKEN: 'hf_forgedforged' }
  test.each<[what: string, model: string, environment: { readonly [name: string]: string }, code: number, sentence: RegExp]>([
    ['gated, nobody there', 'org/gated', {}, 1, /org\/gated is gated: .*HF_TOKEN/],
    ['gated, somebody else there', 'org/gated', { HF_TOKEN: 'hf_other' }, 1, /org\/gated is gated/],
    ['missing', 'org/nothing', {}, 1, /org\/nothing/],
    ['private', 'org/private', {}, 1, /org\/private/],
    ['a token that is refused', 'org/bard', forged, 1, /token/],
    ['no such revision', 'org/bard@v9', {}, 1, /v9/],
    ['not in the cache', 'org/bard', { HF_HUB_OFFLINE: '1' }, 1, /offline/i],
    ['an endpoint that is none', 'org/bard', { HF_ENDPOINT: 'ftp://x' }, 1, /HF_ENDPOINT/],
    ['a name that is none', 'org//name', {}, 2, /org\/name/],
    ['an address without --remote', 'https://example.com/model.gguf', {}, 2, /--remote/],
  ])('%s', async (_what, model, environment, expected, sentence) => {
    const { code, out, err } = await hub(['convert', model, '--vocab-only', '--quiet'], environment)
    expect([code, out]).toEqual([expected, ''])
    expect(err).toMatch(/^error: [^\n]+\n$/)
    expect(err).toMatch(sentence)
    expect(err).not.toContain('forged')
  })

  test('limited: how long to wait', async () => {
    server.misbehave({ host: 'hub', path: /./ }, { kind: 'status', status: 429, headers: { 'retry-after': '4000' } })
    const { code, err } = await hub(['convert', 'org/bard'])
    expect(code).toBe(1)
    expect(err).toMatch(/^error: \S+ limits the rate of requests: .*run again.*HF_TOKEN.*\n$/)
  })

  test('content that is not what the repository lists', async () => {
    server.misbehave({ host: 'storage', path: /./ }, { kind: 'damage' })
    const { code, err } = await hub(['convert', 'org/bard', '--vocab-only', '--quiet'])
    expect([code, err]).toEqual([1, expect.stringMatching(/^error: \S+ of org\/bard does not have the content the repository lists.*\n$/)])
    expect(readdirSync(folder.path)).not.toContain('bard-vocab.gguf')
  })
})

describe('the token', () => {
  test('is in no plan, no report and no error', async () => {
    const said: string[] = []
    for (const parameters of [
      ['convert', 'org/private', '--quant', 'q8_0', '--remote', '--dry-run', '--json'],
      ['convert', 'org/private', '--quant', 'q8_0', '--remote', '--json', '-o', 'm.gguf'],
      ['inspect', 'org/private', '--json'],
      ['inspect', 'org/private', '--tensors', '--json', '--verbose'],
      ['convert', 'org/nothing', '--json', '--verbose'],
    ]) {
      const { out, err } = await hub(parameters, { HF_TOKEN: TOKEN })
      said.push(out, err)
    }
    server.misbehave({ host: 'storage', path: /./ }, { kind: 'status', status: 403 })
    const failed = await hub(['convert', 'org/private', '--remote', '--json', '--verbose', '-o', 'f.gguf'], { HF_TOKEN: TOKEN })
    expect(failed.code).toBe(1)
    expect([...said, failed.out, failed.err].join('\n')).not.toContain(TOKEN)
  })
})
