import type { ByteSource } from '@fs/core'
import { type HubServer, startHubServer } from '@fs/hub-server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type OpenUrl, remoteFolder } from './remote-folder.ts'
import { selectModel } from './select.ts'

const TOKEN = 'hf_good'
const index = JSON.stringify({ weight_map: { a: 'a.safetensors', b: 'b.safetensors' } })
const files = {
  'config.json': '{"model_type":"llama"}',
  'model.safetensors.index.json': index,
  'a.safetensors': 'AAAA',
  'b.safetensors': 'BBBBBB',
  'c.safetensors': 'unused',
}

let server: HubServer
beforeEach(async () => {
  server = await startHubServer({ tokens: { [TOKEN]: ['org/private'] }, pageSize: 2 })
})
afterEach(() => server.close())

/** The least a byte source over HTTP can be: one HEAD for the size, one range per read, redirects left to fetch. */
const closed: string[] = []
const openUrl: OpenUrl = async (url, headers) => {
  const head = await fetch(url, { method: 'HEAD', headers })
  const size = Number(head.headers.get('content-length'))
  const source: ByteSource = {
    name: url,
    location: { kind: 'http', url, headers },
    size,
    read: async (offset, length) => {
      const answer = await fetch(url, { headers: { ...headers, range: `bytes=${offset}-${offset + length - 1}` } })
      return new Uint8Array(await answer.arrayBuffer())
    },
    close: async () => {
      closed.push(url)
    },
  }
  return source
}
const open = (repository = 'org/model', accessToken?: string) =>
  remoteFolder({
    repository,
    files: selectModel(),
    access: { endpoint: server.endpoint, patience: { tries: 1 }, ...(accessToken === undefined ? {} : { accessToken }) },
    openUrl,
  })

describe('a repository read in place', () => {
  test('is a folder of the files a conversion needs, with their sizes', async () => {
    const commit = server.commit('org/model', files)
    const folder = await open()
    expect(folder.name).toBe('model')
    expect(folder.commit).toBe(commit)
    expect([...folder.files].map(([name, { size }]) => [name, size]).sort()).toEqual([
      ['a.safetensors', 4],
      ['b.safetensors', 6],
      ['config.json', 22],
      ['model.safetensors.index.json', index.length],
    ])
  })

  test('opens nothing but what is asked for, at the commit it saw', async () => {
    const commit = server.commit('org/model', files)
    const folder = await open()
    server.commit('org/model', { ...files, 'b.safetensors': 'pushed meanwhile' })
    server.requests.length = 0
    const source = await folder.open('b.safetensors')
    expect(new TextDecoder().decode(await source.read(2, 3))).toBe('BBB')
    expect(source.location).toMatchObject({ url: `${server.endpoint}/org/model/resolve/${commit}/b.safetensors` })
    expect(server.requests.every(({ path }) => path.includes('b.safetensors') || path.startsWith('/large/'))).toBe(true)
    expect(
      server.requests.filter(({ host, method }) => host === 'storage' && method === 'GET').map(({ headers }) => headers.range),
    ).toEqual(['bytes=2-4'])
  })

  test('gives the token to the opener for the endpoint, and the redirect loses it', async () => {
    server.commit('org/private', files)
    server.configure('org/private', { visibility: 'private' })
    await expect(open('org/private')).rejects.toMatchObject({ code: 'hub/repo-not-found' })
    const source = await (await open('org/private', TOKEN)).open('a.safetensors')
    expect(new TextDecoder().decode(await source.read(0, 4))).toBe('AAAA')
    expect(server.requests.filter(({ host, headers }) => host === 'storage' && headers.authorization !== undefined)).toEqual([])
  })

  test('refuses a file of another size than listed, and closes it', async () => {
    server.commit('org/model', files)
    const folder = await open()
    server.misbehave({ host: 'storage', path: /./ }, { kind: 'grow', by: 1 })
    await expect(folder.open('a.safetensors')).rejects.toMatchObject({ code: 'hub/size-mismatch', details: { expected: 4, found: 5 } })
    expect(closed.at(-1)).toContain('a.safetensors')
  })

  test('has no other files', async () => {
    server.commit('org/model', files)
    const folder = await open()
    await expect(folder.open('c.safetensors')).rejects.toMatchObject({ code: 'hub/file-not-found' })
    await expect(folder.open('../../etc/passwd')).rejects.toMatchObject({ code: 'hub/file-not-found' })
  })

  test('has an index no longer than listed', async () => {
    server.commit('org/model', files)
    server.misbehave({ host: 'hub', path: /index\.json/ }, { kind: 'grow', by: 1000 })
    await expect(open()).rejects.toMatchObject({ code: 'hub/bad-answer' })
  })
})
