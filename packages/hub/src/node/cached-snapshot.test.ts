import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { selectModel } from '../select.ts'
import { MODEL, TOKEN, useScene, weights } from './hub.test-support.ts'
import type { SnapshotRequest } from './snapshot.ts'

const scene = useScene()
const files = { 'config.json': '{}', 'tokenizer.json': '{}', 'model.safetensors': weights(50_000) }
const folder = () => join(scene.cacheFolder, 'models--org--model')
const everything = /./
const offline = (more: Partial<SnapshotRequest> = {}) => scene.download({ ...more, access: { ...scene.access, offline: true } })

describe('offline', () => {
  test('a complete cache is all that is needed', async () => {
    const commit = scene.server.commit(MODEL, files)
    const online = await scene.download()
    scene.asked()
    expect(await offline()).toEqual(online)
    expect(await offline({ revision: commit })).toEqual(online)
    expect(scene.asked()).toEqual({ hub: [], storage: [] })
  })

  test('progress says that everything is there', async () => {
    scene.server.commit(MODEL, files)
    await scene.download()
    scene.progress.length = 0
    await offline()
    expect(scene.progress).toEqual([{ kind: 'plan', files: 3, total: 50_004, cached: 50_004 }])
  })

  test.each([
    ['a repository never seen', { repository: 'org/other' }, /org\/other@main is needed offline, and the cache has nothing of it/],
    ['a branch never seen', { revision: 'v2' }, /org\/model@v2/],
    ['a commit never seen', { revision: 'a'.repeat(40) }, /nothing of it/],
  ])('%s is missed in one sentence', async (_case, more, message) => {
    scene.server.commit(MODEL, files)
    await scene.download()
    await expect(offline(more)).rejects.toMatchObject({
      code: 'hub/not-cached',
      message: expect.stringMatching(message),
    })
    expect(scene.asked().hub.filter((path) => path.includes('other'))).toEqual([])
  })

  test('a missing file is named', async () => {
    scene.server.commit(MODEL, files)
    const { folder: snapshot } = await scene.download()
    await rm(join(snapshot, 'model.safetensors'))
    await expect(offline()).rejects.toMatchObject({
      code: 'hub/not-cached',
      message: expect.stringContaining('without model.safetensors; run once without --offline'),
    })
  })

  test('a file cut short is a missing file', async () => {
    scene.server.commit(MODEL, files)
    const { folder: snapshot } = await scene.download()
    const blob = await readFile(join(snapshot, 'model.safetensors'))
    await rm(join(snapshot, 'model.safetensors'))
    await writeFile(join(snapshot, 'model.safetensors'), blob.subarray(1))
    await expect(offline()).rejects.toMatchObject({ code: 'hub/not-cached' })
  })

  test('a missing shard is named, though the index is there', async () => {
    const index = JSON.stringify({ weight_map: { a: 'a.safetensors', b: 'b.safetensors' } })
    scene.server.commit(MODEL, { 'model.safetensors.index.json': index, 'a.safetensors': weights(10), 'b.safetensors': weights(20) })
    const { folder: snapshot } = await scene.download()
    await rm(join(snapshot, 'b.safetensors'))
    await expect(offline()).rejects.toMatchObject({
      code: 'hub/not-cached',
      message: expect.stringContaining('b.safetensors'),
    })
    await rm(join(snapshot, 'model.safetensors.index.json'))
    await expect(offline()).rejects.toMatchObject({
      code: 'hub/not-cached',
      message: expect.stringContaining('without model.safetensors.index.json'),
    })
  })

  test('a cache of an older tool, without a saved list, serves with what it has', async () => {
    const commit = scene.server.commit(MODEL, files)
    const online = await scene.download()
    await rm(join(folder(), 'trees'), { recursive: true })
    expect(await offline()).toEqual(online)
    await rm(join(folder(), 'snapshots', commit, 'model.safetensors'))
    await expect(offline()).rejects.toMatchObject({
      code: 'hub/not-cached',
      message: expect.stringContaining('only a part of it'),
    })
  })

  test.each([
    ['not JSON', '{'],
    ['of an unknown version', '{"format_version": 2, "files": {}}'],
    ['with a malformed row', '{"format_version": 1, "files": {"a": {"size": -1, "blob_id": "x"}}}'],
    ['an array', '[]'],
  ])('a saved list that is %s counts as absent', async (_case, text) => {
    const commit = scene.server.commit(MODEL, files)
    const online = await scene.download()
    await writeFile(join(folder(), 'trees', `${commit}.json`), text)
    expect(await offline()).toEqual(online)
    expect(await scene.download()).toEqual(online)
  })

  test('a branch file that holds no commit counts as absent', async () => {
    scene.server.commit(MODEL, files)
    await scene.download()
    await writeFile(join(folder(), 'refs/main'), '../../../etc')
    await expect(offline()).rejects.toMatchObject({ code: 'hub/not-cached' })
  })
})

describe('a Hub that fails', () => {
  test.each([
    ['limits us', { kind: 'status', status: 429, headers: { 'retry-after': '3600' } }, 'hub/rate-limited'],
    ['is down', { kind: 'status', status: 503 }, 'hub/server-error'],
    ['hangs up', { kind: 'hang-up' }, 'hub/unreachable'],
    [
      'is hidden by a login page',
      { kind: 'status', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' },
      'hub/not-a-hub',
    ],
    ['no longer knows the token', { kind: 'status', status: 401, headers: { 'x-error-code': 'GatedRepo' } }, 'hub/gated'],
  ] as const)('and %s does not make a cached model unusable', async (_case, misbehaviour, code) => {
    scene.server.commit(MODEL, files)
    const online = await scene.download()
    scene.server.misbehave({ host: 'hub', path: everything }, misbehaviour)
    scene.asked()
    const { insteadOfHub, ...rest } = await scene.download()
    expect(rest).toEqual(online)
    expect(insteadOfHub).toMatchObject({ code })
    // No waiting, no second try, when there is a copy.
    expect(scene.asked().hub).toHaveLength(1)
  })

  test('fails the download when the cache is not complete', async () => {
    scene.server.commit(MODEL, files)
    const { folder: snapshot } = await scene.download()
    await rm(join(snapshot, 'config.json'))
    scene.server.misbehave({ host: 'hub', path: everything }, { kind: 'status', status: 503 })
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/server-error' })
  })

  test('does not bring back a branch that is gone', async () => {
    scene.server.commit(MODEL, files, 'v1')
    await scene.download({ revision: 'v1' })
    scene.server.misbehave(
      { host: 'hub', path: everything },
      { kind: 'status', status: 404, headers: { 'x-error-code': 'RevisionNotFound' } },
    )
    await expect(scene.download({ revision: 'v1' })).rejects.toMatchObject({ code: 'hub/revision-not-found' })
  })
})

describe('what a cache of another tool may hold', () => {
  test('files that are copies, and blobs that are links into a shared store', async () => {
    const commit = scene.server.commit(MODEL, files)
    const online = await scene.download()
    const hash = scene.server.storedHash(files['model.safetensors'])
    const store = join(scene.cacheFolder, 'blobs/ab')
    await mkdir(store, { recursive: true })
    await writeFile(join(store, 'stored'), files['model.safetensors'])
    await rm(join(folder(), 'blobs', hash))
    await symlink('../../blobs/ab/stored', join(folder(), 'blobs', hash))
    await rm(join(folder(), 'snapshots', commit, 'config.json'))
    await writeFile(join(folder(), 'snapshots', commit, 'config.json'), '{}')
    scene.asked()
    expect(await scene.download()).toEqual(online)
    expect(scene.asked().hub).toEqual(['/api/models/org/model/revision/main'])
  })

  test.each([
    ['a wrong hash', (row: { lfs_sha256?: string }) => ({ ...row, lfs_sha256: 'f'.repeat(64) })],
    ['a wrong size', (row: object) => ({ ...row, size: 7, lfs_size: 7 })],
  ])('a saved list with %s is replaced by the Hub’s', async (_case, spoil) => {
    const commit = scene.server.commit(MODEL, files)
    await scene.download({ files: async () => ['config.json'] })
    const path = join(folder(), 'trees', `${commit}.json`)
    const list = JSON.parse(await readFile(path, 'utf8'))
    list.files['model.safetensors'] = spoil(list.files['model.safetensors'])
    await writeFile(path, JSON.stringify(list))
    const { files: found } = await scene.download()
    expect(found.map(({ name }) => name)).toContain('model.safetensors')
    expect(JSON.parse(await readFile(path, 'utf8')).files['model.safetensors'].lfs_size).toBe(50_000)
  })

  test('read-only, it serves without being written', async () => {
    const commit = scene.server.commit(MODEL, files)
    const online = await scene.download()
    await rm(join(folder(), 'trees'), { recursive: true })
    await rm(join(folder(), 'refs'), { recursive: true })
    // Root writes through any permission, so the places to write to are taken instead.
    await writeFile(join(folder(), 'trees'), '')
    await writeFile(join(folder(), 'refs'), '')
    expect(await scene.download()).toEqual(online)
    expect(await scene.download({ revision: commit })).toEqual(online)
  })

  test('a blob without a place in the snapshot is placed, not fetched', async () => {
    const commit = scene.server.commit(MODEL, files)
    await scene.download()
    await rm(join(folder(), 'snapshots'), { recursive: true })
    scene.asked()
    const { folder: snapshot } = await scene.download()
    expect(scene.asked()).toEqual({ hub: ['/api/models/org/model/revision/main'], storage: [] })
    expect(snapshot).toContain(commit)
    expect(await readFile(join(snapshot, 'config.json'), 'utf8')).toBe('{}')
  })
})

test('a gated model is downloaded with the right token', async () => {
  scene.server.commit('org/gated', files)
  scene.server.configure('org/gated', { visibility: 'gated' })
  const repository = 'org/gated'
  await expect(scene.download({ repository })).rejects.toMatchObject({
    code: 'hub/gated',
    message: expect.stringContaining('then set HF_TOKEN'),
  })
  const { files: found } = await scene.download({ repository, access: { ...scene.access, accessToken: TOKEN }, files: selectModel() })
  expect(found).toHaveLength(3)
  expect(scene.server.requests.filter(({ host, headers }) => host === 'storage' && headers.authorization !== undefined)).toEqual([])
})
