import { type HubServer, startHubServer } from '@fs/hub-server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HubAccess } from '../access.ts'
import { account } from './account.ts'
import { addToCollection, createCollection } from './collections.ts'
import { createRepository } from './repository.ts'
import { type UploadProgress, uploadFiles } from './upload.ts'

const WRITER = 'hf_writer'
const READER = 'hf_reader'
let server: HubServer
const access = (accessToken?: string): HubAccess => ({
  endpoint: server.endpoint,
  patience: { tries: 3, firstPause: 1 },
  ...(accessToken === undefined ? {} : { accessToken }),
})
const writer = () => access(WRITER)
const called = () => server.requests.map(({ host, method, path }) => `${host} ${method} ${path.replace(/[0-9a-f]{64}/, 'HASH')}`)

beforeEach(async () => {
  server = await startHubServer({
    accounts: { [WRITER]: { name: 'ann', organizations: ['guild'], role: 'write' }, [READER]: { name: 'bob', role: 'read' } },
    partSize: 1000,
  })
})
afterEach(() => server.close())

describe('account', () => {
  test('is the token’s', async () => {
    expect(await account(writer())).toEqual({ name: 'ann', organizations: ['guild'], role: 'write' })
    expect(await account(access(READER))).toEqual({ name: 'bob', organizations: [], role: 'read' })
  })

  test('needs a token that is known', async () => {
    await expect(account(access())).rejects.toMatchObject({ code: 'hub/no-token' })
    await expect(account(access('hf_forged'))).rejects.toMatchObject({
      code: 'hub/bad-token',
      message: expect.not.stringContaining('forged'),
    })
    expect(server.requests).toHaveLength(1)
  })
})

describe('createRepository', () => {
  test('makes an empty repository', async () => {
    expect(await createRepository(writer(), 'guild/model-GGUF', 'private')).toBe(`${server.endpoint}/guild/model-GGUF`)
    expect(server.contents('guild/model-GGUF')).toEqual({})
    expect(called()).toEqual(['hub POST /api/repos/create'])
  })

  test('does not take over what is there', async () => {
    await createRepository(writer(), 'ann/model', 'public')
    await expect(createRepository(writer(), 'ann/model', 'public')).rejects.toMatchObject({ code: 'hub/exists' })
  })

  test.each([
    ['somebody else’s name', WRITER, 'bob/model', 'hub/forbidden'],
    ['a token that may only read', READER, 'bob/model', 'hub/forbidden'],
    ['a name that is none', WRITER, '../model', 'hub/bad-id'],
    ['no token', undefined, 'ann/model', 'hub/no-token'],
  ])('is refused: %s', async (_case, token, repository, code) => {
    await expect(createRepository(access(token), repository, 'public')).rejects.toMatchObject({ code })
  })

  test('is not sent twice when the connection breaks: it may have worked', async () => {
    server.misbehave({ host: 'hub', path: /create/, times: 1 }, { kind: 'hang-up' })
    await expect(createRepository(writer(), 'ann/model', 'public')).rejects.toMatchObject({ code: 'hub/unreachable' })
    expect(server.requests).toHaveLength(1)
  })

  test('carries no credentials to another host', async () => {
    server.misbehave({ host: 'hub', path: /create/ }, { kind: 'status', status: 307, headers: { location: `${server.storage}/elsewhere` } })
    await expect(createRepository(writer(), 'ann/model', 'public')).rejects.toMatchObject({ code: 'hub/forbidden' })
    expect(server.requests.map(({ host, headers }) => [host, headers.authorization])).toEqual([
      ['hub', `Bearer ${WRITER}`],
      ['storage', undefined],
    ])
  })

  test('is sent again when the server says it did nothing', async () => {
    server.misbehave({ host: 'hub', path: /create/, times: 1 }, { kind: 'status', status: 503 })
    await createRepository(writer(), 'ann/model', 'public')
    expect(server.requests).toHaveLength(2)
  })
})

describe('uploadFiles', () => {
  const large = Uint8Array.from({ length: 3500 }, (_, index) => index % 251)
  const files = [
    { path: 'README.md', content: new Blob(['# card\n']) },
    { path: 'model-Q8_0.gguf', content: new Blob([large]) },
  ]
  const upload = (more: Partial<Parameters<typeof uploadFiles>[1]> = {}) =>
    uploadFiles(writer(), { repository: 'ann/model', files, title: 'Add files', ...more })
  beforeEach(() => createRepository(writer(), 'ann/model', 'public'))

  test('puts small files into git and large ones, in parts, into the storage', async () => {
    server.requests.length = 0
    const progress: UploadProgress[] = []
    const commit = await upload({ onProgress: (event) => progress.push(event) })
    expect(commit).toMatch(/^[0-9a-f]{40}$/)
    const contents = server.contents('ann/model')
    expect(contents?.['model-Q8_0.gguf']).toEqual(large)
    expect(new TextDecoder().decode(contents?.['README.md'])).toBe('# card\n')
    expect(called()[0]).toBe('hub POST /api/models/ann/model/preupload/main')
    expect(called().filter((call) => call.startsWith('storage PUT'))).toHaveLength(4)
    expect(called().at(-1)).toBe('hub POST /api/models/ann/model/commit/main')
    const shares = progress
      .filter((event) => event.kind === 'file' && event.phase === 'uploading' && event.path.endsWith('.gguf'))
      .map((event) => ('share' in event ? event.share : 0))
    expect(shares).toEqual([0, 0.25, 0.5, 0.75, 1, 1])
    expect(progress.filter((event) => event.kind === 'phase').map((event) => ('phase' in event ? event.phase : ''))).toEqual([
      'preparing',
      'uploading',
      'committing',
    ])
  })

  test('tells the token to the Hub only', async () => {
    await upload()
    expect(server.requests.filter(({ host }) => host === 'hub').every(({ headers }) => headers.authorization === `Bearer ${WRITER}`)).toBe(
      true,
    )
    expect(server.requests.filter(({ host, headers }) => host === 'storage' && headers.authorization !== undefined)).toEqual([])
  })

  test('sends a part again that was lost, and after a failure only what is missing', async () => {
    server.misbehave({ host: 'storage', path: /part=2/, times: 1 }, { kind: 'hang-up' })
    server.misbehave({ host: 'hub', path: /commit/, times: 1 }, { kind: 'status', status: 500 })
    await expect(upload()).rejects.toMatchObject({ code: 'hub/server-error' })
    expect(server.contents('ann/model')).toEqual({})
    server.requests.length = 0
    await upload()
    expect(called().filter((call) => call.startsWith('storage'))).toEqual([])
    expect(server.contents('ann/model')?.['model-Q8_0.gguf']).toEqual(large)
  })

  test('keeps the files that were there', async () => {
    await upload({ files: files.slice(0, 1) })
    await upload({ files: files.slice(1) })
    expect(Object.keys(server.contents('ann/model') ?? {}).sort()).toEqual(['README.md', 'model-Q8_0.gguf'])
  })

  test.each([
    ['a repository that is not there', { repository: 'ann/nothing' }, 'hub/repo-not-found'],
    ['a branch that is not there', { branch: 'v9' }, 'hub/revision-not-found'],
    ['a name that leads out', { files: [{ path: '../x', content: new Blob(['x']) }] }, 'hub/unsafe-name'],
  ])('is refused: %s', async (_case, more, code) => {
    await expect(upload(more)).rejects.toMatchObject({ code })
  })

  test('is refused by the storage', async () => {
    server.misbehave({ host: 'storage', path: /./ }, { kind: 'header', name: 'etag', value: '' })
    await expect(upload()).rejects.toMatchObject({ code: 'hub/upload-refused', message: expect.stringContaining('ETag') })
  })

  test('must end in a commit', async () => {
    server.misbehave(
      { host: 'hub', path: /commit/ },
      { kind: 'status', status: 200, headers: { 'content-type': 'application/json' }, body: '{"commitOid":"later"}' },
    )
    await expect(upload()).rejects.toMatchObject({ code: 'hub/bad-answer' })
  })
})

describe('collections', () => {
  const collection = { namespace: 'guild', title: 'Small Models', visibility: 'public' } as const

  test('are made and filled', async () => {
    const slug = await createCollection(writer(), collection)
    expect(slug).toBe('guild/small-models-0123456789abcdef01234567')
    await addToCollection(writer(), slug, { repository: 'ann/model', note: 'the first' })
    expect(server.collection(slug)).toEqual({ title: 'Small Models', private: false, items: [{ id: 'ann/model', note: 'the first' }] })
    await expect(addToCollection(writer(), slug, { repository: 'ann/model' })).rejects.toMatchObject({ code: 'hub/exists' })
  })

  test.each(['guild/nothing-0123', 'nonsense', 'a/b/../../repos/create'])('that are not there are said to be so: %s', async (slug) => {
    await expect(addToCollection(writer(), slug, { repository: 'ann/model' })).rejects.toMatchObject({ code: 'hub/no-collection' })
  })

  test('are made in one’s own name', async () => {
    await expect(createCollection(writer(), { ...collection, namespace: 'bob' })).rejects.toMatchObject({ code: 'hub/forbidden' })
    await expect(createCollection(access(), collection)).rejects.toMatchObject({ code: 'hub/no-token' })
  })

  test('must come with their slug', async () => {
    server.misbehave(
      { host: 'hub', path: /collections/ },
      { kind: 'status', status: 200, headers: { 'content-type': 'application/json' }, body: '{}' },
    )
    await expect(createCollection(writer(), collection)).rejects.toMatchObject({ code: 'hub/bad-answer' })
  })
})
