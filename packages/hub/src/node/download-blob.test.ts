import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listRepository } from '../listing.ts'
import { repositoryCache } from './cache-layout.ts'
import { downloadBlob } from './download-blob.ts'
import { identify } from './file-identity.ts'
import { MODEL, useScene, weights } from './hub.test-support.ts'

const scene = useScene()
const bytes = weights(400_000)
const files = { 'config.json': '{"model_type":"llama","padding":"0123456789"}', 'model.safetensors': bytes }
const large = /^\/large\//
const small = /\/resolve-cache\/.*\/config\.json/

const commit = () => scene.server.commit(MODEL, files)
/** Hash of what a download put in the weights' place; compared instead of the bytes, whose difference would fill pages. */
const downloadedHash = async () => {
  const { files: found } = await scene.download()
  const path = found.find((file) => file.name === 'model.safetensors')?.path
  return scene.server.storedHash(await readFile(path ?? ''))
}
const rangesAsked = () => scene.server.requests.filter(({ host }) => host === 'storage').map(({ headers }) => headers.range)
const blobs = () => readdir(join(scene.cacheFolder, 'models--org--model/blobs'))
const partial = (name: string) => join(scene.cacheFolder, 'models--org--model/blobs', `${name}.incomplete`)
const sha256 = () => scene.server.storedHash(bytes)
const gitHash = () => createHash('sha1').update(`blob ${files['config.json'].length}\0${files['config.json']}`).digest('hex')

describe('a transfer that breaks', () => {
  test('goes on where it was cut, as often as needed', async () => {
    commit()
    scene.server.misbehave({ host: 'storage', path: large, times: 4 }, { kind: 'cut', after: 90_000 })
    expect(await downloadedHash()).toBe(sha256())
    const starts = rangesAsked().map((range) => Number(/\d+/.exec(range ?? '0')?.[0]))
    expect(starts).toHaveLength(5)
    expect(starts).toEqual([...starts].sort((a, b) => a - b))
    expect(starts.at(-1)).toBeGreaterThan(200_000)
    expect(scene.progress.filter((event) => event.kind === 'pause').map(({ reason }) => reason)).toEqual(['cut', 'cut', 'cut', 'cut'])
  })

  test('goes on after silence', async () => {
    commit()
    scene.server.misbehave({ host: 'storage', path: large, times: 1 }, { kind: 'stall', after: 100_000 })
    expect(await downloadedHash()).toBe(sha256())
    expect(rangesAsked()).toEqual([undefined, 'bytes=100000-399999'])
  })

  test('is given up when nothing comes through any more, and goes on with the next run', async () => {
    commit()
    scene.server.misbehave({ host: 'storage', path: large, times: 1 }, { kind: 'cut', after: 250_000 })
    scene.server.misbehave({ host: 'storage', path: large }, { kind: 'cut', after: 0 })
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/cut', details: { file: 'model.safetensors' } })
    expect(await blobs()).toContain(`${sha256()}.incomplete`)
    scene.server.behave()
    scene.progress.length = 0
    scene.asked()
    expect(await downloadedHash()).toBe(sha256())
    expect(rangesAsked().at(-1)).toMatch(/^bytes=2\d{5}-399999$/)
    const [plan] = scene.progress.filter((event) => event.kind === 'plan')
    expect(plan?.cached).toBeGreaterThan(200_000)
    expect(await blobs()).not.toContain(`${sha256()}.incomplete`)
  })

  test('starts over when the server ignores the range', async () => {
    commit()
    scene.server.misbehave({ host: 'storage', path: large, times: 1 }, { kind: 'cut', after: 100_000 })
    scene.server.misbehave({ host: 'storage', path: large }, { kind: 'ignore-range' })
    expect(await downloadedHash()).toBe(sha256())
    const reached = scene.progress
      .filter((event) => event.kind === 'bytes' && event.file === 'model.safetensors')
      .map((event) => ('fileBytes' in event ? event.fileBytes : 0))
    expect(reached).toContain(0)
    expect(reached.at(-1)).toBe(bytes.length)
  })

  test('is not continued with bytes from another place than asked for', async () => {
    commit()
    scene.server.misbehave({ host: 'storage', path: large, times: 1 }, { kind: 'cut', after: 100_000 })
    scene.server.misbehave({ host: 'storage', path: large }, { kind: 'header', name: 'content-range', value: 'bytes 0-299999/400000' })
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/cut', details: { position: 100_000 } })
    scene.server.behave()
    expect(await downloadedHash()).toBe(sha256())
  })

  test('is stopped by the caller, and what came is kept', async () => {
    commit()
    scene.server.misbehave({ host: 'storage', path: large }, { kind: 'drip', bytes: 20_000, everyMilliseconds: 10 })
    const stop = new AbortController()
    const running = scene.download({
      access: { ...scene.access, signal: stop.signal },
      onProgress: (event) =>
        event.kind === 'bytes' && event.fileBytes > 50_000 && event.fileBytes < bytes.length && stop.abort(new Error('enough')),
    })
    await expect(running).rejects.toThrow('enough')
    expect(await blobs()).toContain(`${sha256()}.incomplete`)
    scene.server.behave()
    expect(await downloadedHash()).toBe(sha256())
  })

  test('asks for very large files in several answers', async () => {
    const hash = commit()
    const cache = repositoryCache(scene.cacheFolder, MODEL)
    await mkdir(cache.blobs, { recursive: true })
    const listed = (await listRepository(scene.access, MODEL, hash)).files.get('model.safetensors')
    const file = await identify(scene.access, MODEL, hash, listed ?? { path: '', size: 0 })
    await downloadBlob({ access: scene.access, cache, repository: MODEL, commit: hash, file, segment: 150_000 })
    expect(scene.server.storedHash(await readFile(cache.blob(sha256())))).toBe(sha256())
    expect(rangesAsked()).toEqual(['bytes=0-149999', 'bytes=150000-299999', 'bytes=300000-399999'])
  })
})

describe('leftovers of an earlier run', () => {
  const leave = async (content: Uint8Array) => {
    commit()
    await scene.download({ files: async () => ['config.json'] })
    await writeFile(partial(sha256()), content)
    scene.asked()
  }

  test('of exactly the whole file need no request', async () => {
    await leave(bytes)
    expect(await downloadedHash()).toBe(sha256())
    expect(scene.asked().storage).toEqual([])
  })

  test('longer than the file are dropped', async () => {
    await leave(weights(500_000, 9))
    expect(await downloadedHash()).toBe(sha256())
    expect(rangesAsked()).toEqual([undefined])
    expect(scene.progress.filter((event) => event.kind === 'bytes' && event.fileBytes > event.fileSize)).toEqual([])
  })

  test('of something else are found out by the hash and dropped', async () => {
    await leave(weights(100_000, 9))
    expect(await downloadedHash()).toBe(sha256())
    expect(rangesAsked()).toEqual(['bytes=100000-399999', undefined])
    // The list was right, so nobody doubts it.
    expect(scene.asked().hub.filter((path) => path.includes('/tree/'))).toEqual([])
  })

  test('that are a link to somewhere else are not written through', async () => {
    commit()
    await scene.download({ files: async () => ['config.json'] })
    const victim = join(scene.cacheFolder, 'victim')
    await writeFile(victim, 'precious')
    await symlink(victim, partial(sha256()))
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/cache-unusable' })
    expect(await readFile(victim, 'utf8')).toBe('precious')
  })
})

describe('content that is not what the repository lists', () => {
  test.each([
    ['in large storage', 'storage', large, 'model.safetensors', () => sha256()],
    ['in git', 'hub', small, 'config.json', () => gitHash()],
  ] as const)('is refused by its hash, %s', async (_where, host, path, damaged, hash) => {
    commit()
    scene.server.misbehave({ host, path }, { kind: 'damage' })
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/hash-mismatch' })
    const [snapshot] = await readdir(join(scene.cacheFolder, 'models--org--model/snapshots')).catch(() => [])
    const placed = snapshot === undefined ? [] : await readdir(join(scene.cacheFolder, 'models--org--model/snapshots', snapshot))
    expect(placed).not.toContain(damaged)
    expect(await blobs()).not.toContain(hash())
    scene.server.behave()
    expect(await downloadedHash()).toBe(sha256())
  })

  test('is refused by its declared size before a byte is written', async () => {
    commit()
    scene.server.misbehave({ host: 'hub', path: /\/resolve\/.*\.safetensors/ }, { kind: 'header', name: 'x-linked-size', value: '399999' })
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/size-mismatch', details: { expected: 400_000, found: '399999' } })
  })

  test('is refused by its length when nothing is declared', async () => {
    commit()
    scene.server.misbehave({ host: 'hub', path: /\/resolve\/.*\.safetensors/ }, { kind: 'header', name: 'x-linked-size', value: '' })
    scene.server.misbehave({ host: 'storage', path: large }, { kind: 'grow', by: 5 })
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/size-mismatch', details: { found: '400005' } })
  })

  test('is refused when a range is refused from the start', async () => {
    commit()
    scene.server.misbehave({ host: 'storage', path: large }, { kind: 'status', status: 416, headers: { 'content-range': 'bytes */0' } })
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/size-mismatch' })
  })

  test('starts over when a range is refused in the middle', async () => {
    commit()
    await scene.download({ files: async () => ['config.json'] })
    await writeFile(partial(sha256()), bytes.subarray(0, 1000))
    scene.server.misbehave({ host: 'storage', path: large, times: 1 }, { kind: 'status', status: 416 })
    expect(await downloadedHash()).toBe(sha256())
    expect(rangesAsked().slice(-2)).toEqual(['bytes=1000-399999', undefined])
  })

  test('starts over when the ETag changes between two answers', async () => {
    commit()
    const resolve = /\/resolve\/.*\.safetensors/
    scene.server.misbehave({ host: 'storage', path: large, times: 1 }, { kind: 'cut', after: 100_000 })
    scene.server.misbehave({ host: 'hub', path: resolve, times: 1 }, { kind: 'header', name: 'x-linked-etag', value: '"first"' })
    expect(await downloadedHash()).toBe(sha256())
    expect(rangesAsked()).toEqual([undefined, 'bytes=100000-399999', undefined])
  })

  test('is given up when the server keeps offering another file', async () => {
    commit()
    scene.server.misbehave(
      { host: 'hub', path: /\/resolve\/.*\.safetensors/ },
      { kind: 'header', name: 'x-linked-etag', value: `"${'a'.repeat(64)}"` },
    )
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/changed' })
  })
})
