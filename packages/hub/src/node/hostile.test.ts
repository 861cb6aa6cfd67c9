import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkDiskSpace, explainFileError } from './cache-failures.ts'
import { repositoryCache } from './cache-layout.ts'
import { MODEL, useScene, weights } from './hub.test-support.ts'
import { placeFile } from './pointer.ts'

const all = async ({ files }: { readonly files: ReadonlyMap<string, unknown> }) => [...files.keys()]
const scene = useScene(all)
const folder = () => join(scene.cacheFolder, 'models--org--model')
/** Everything in and around the cache except the repository's own folder. */
const outside = async () =>
  (await readdir(scene.cacheFolder, { recursive: true })).filter((name) => !/^(models--org--model|\.locks)/.test(name))

describe('a repository that means harm', () => {
  test.each([
    '../../../escaped.json',
    '/tmp/fartsovka-escaped.json',
    'a/../../../../escaped.json',
    '..\\..\\escaped.json',
    'C:\\escaped.json',
    '\\\\host\\share\\escaped.json',
    'nul',
    'config.json:stream',
    'dir/',
    'a\u0000b',
  ])('names a file %j', async (name) => {
    scene.server.commit(MODEL, { 'config.json': '{}', [name]: 'harm' })
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/unsafe-name' })
    expect(await outside()).toEqual([])
  })

  test('names a harmful file nobody needs', async () => {
    scene.server.commit(MODEL, { 'config.json': '{}', '../../x': 'harm' })
    const { files } = await scene.download({ files: async () => ['config.json'] })
    expect(files).toHaveLength(1)
  })

  test.each([[{ 'a.json': '1', 'A.json': '2' }], [{ a: '1', 'a/b': '2' }]])(
    'has files that are one on other systems: %j',
    async (files) => {
      scene.server.commit(MODEL, files)
      await expect(scene.download()).rejects.toMatchObject({ code: 'hub/unsafe-name' })
    },
  )

  test('claims an index of a terabyte', async () => {
    scene.server.commit(MODEL, { 'model.safetensors.index.json': '{}' })
    const entry = { type: 'file', path: 'model.safetensors.index.json', size: 2 ** 40, oid: 'a'.repeat(40) }
    scene.server.misbehave(
      { host: 'hub', path: /\/tree\// },
      { kind: 'status', status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify([entry]) },
    )
    const read = async (repository: { readText(name: string): Promise<string> }) => [
      await repository.readText('model.safetensors.index.json'),
    ]
    await expect(scene.download({ files: read })).rejects.toMatchObject({ code: 'hub/bad-answer' })
  })

  test('claims more than any disk holds', async () => {
    scene.server.commit(MODEL, { 'config.json': '{}' })
    const entry = { type: 'file', path: 'config.json', size: 2 ** 52, oid: 'a'.repeat(40) }
    scene.server.misbehave(
      { host: 'hub', path: /\/tree\// },
      { kind: 'status', status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify([entry]) },
    )
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/disk-full', message: expect.stringMatching(/need 4503599\.63 GB/) })
    expect(scene.asked().hub.some((path) => path.includes('/resolve/'))).toBe(false)
  })
})

describe('a server without hashes in its lists', () => {
  const mirror = (etag?: string) => {
    scene.server.commit(MODEL, { 'config.json': '{}', 'model.safetensors': weights(5000) })
    scene.server.configure(MODEL, { hashes: 'absent' })
    if (etag === undefined) return
    scene.server.misbehave({ host: 'hub', path: /config\.json/ }, { kind: 'header', name: 'x-linked-etag', value: '' })
    scene.server.misbehave({ host: 'hub', path: /config\.json/ }, { kind: 'header', name: 'etag', value: etag })
  }

  test('is asked for ETags, which name the blobs', async () => {
    mirror('W/"plain-etag"')
    const { folder: snapshot } = await scene.download()
    expect((await readdir(join(folder(), 'blobs'))).sort()).toEqual([scene.server.storedHash(weights(5000)), 'plain-etag'].sort())
    expect(await readFile(join(snapshot, 'config.json'), 'utf8')).toBe('{}')
    // Without git hashes there is nothing huggingface_hub could read.
    expect(await readdir(folder())).not.toContain('trees')
  })

  test.each([
    ['large files', 'storage', /./],
    ['small files', 'hub', /resolve-cache/],
  ] as const)('has its %s checked all the same', async (_what, host, path) => {
    mirror()
    scene.server.misbehave({ host, path }, { kind: 'damage' })
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/hash-mismatch' })
  })

  test.each(['"../../../../escaped"', '"a/b"', '"nul"', '""'])('cannot name a blob %s', async (etag) => {
    mirror(etag)
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/unsafe-name' })
    expect(await outside()).toEqual([])
  })

  test('must have ETags', async () => {
    mirror('')
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/bad-answer' })
  })
})

describe('links planted in the cache', () => {
  test('do not lead a file out of its snapshot', async () => {
    const commit = scene.server.commit(MODEL, { 'sub/config.json': '{}' })
    const victim = join(scene.cacheFolder, 'victim')
    await mkdir(victim)
    await mkdir(join(folder(), 'snapshots', commit), { recursive: true })
    await symlink(victim, join(folder(), 'snapshots', commit, 'sub'))
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/unsafe-name' })
    expect(await readdir(victim)).toEqual([])
    await rm(join(folder(), 'snapshots', commit), { recursive: true })
    await symlink(victim, join(folder(), 'snapshots', commit))
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/unsafe-name' })
    expect(await readdir(victim)).toEqual([])
  })

  test('in the place of a file are replaced, not followed', async () => {
    const commit = scene.server.commit(MODEL, { 'config.json': '{}' })
    const victim = join(scene.cacheFolder, 'victim')
    await writeFile(victim, 'precious')
    await mkdir(join(folder(), 'snapshots', commit), { recursive: true })
    await symlink(victim, join(folder(), 'snapshots', commit, 'config.json'))
    const { folder: snapshot } = await scene.download()
    expect(await readFile(join(snapshot, 'config.json'), 'utf8')).toBe('{}')
    expect(await readFile(victim, 'utf8')).toBe('precious')
  })
})

describe('a cache without links', () => {
  const twins = { 'a.json': '{"same":1}', 'b.json': '{"same":1}', 'model.safetensors': weights(3000) }

  test('holds plain files, each once', async () => {
    scene.server.commit(MODEL, twins)
    const { files } = await scene.download({ symlinks: false })
    for (const { name, path } of files)
      expect(new Uint8Array(await readFile(path))).toEqual(new Uint8Array(Buffer.from(twins[name as keyof typeof twins])))
    expect(await readdir(join(folder(), 'blobs'))).toEqual([])
    scene.asked()
    await scene.download({ symlinks: false })
    expect(scene.asked().hub).toHaveLength(1)
  })

  test('with links, files of one content are one blob, fetched once', async () => {
    const commit = scene.server.commit(MODEL, twins)
    await scene.download()
    expect(await readdir(join(folder(), 'blobs'))).toHaveLength(2)
    const fetched = scene.asked().hub.filter((path) => path.includes(`/resolve/${commit}/`))
    expect(fetched).toHaveLength(2)
    const bytes = scene.progress.filter((event) => event.kind === 'done').reduce((sum, { size }) => sum + size, 0)
    expect(bytes).toBe(3020)
  })

  test('is recognised by what the system says', async () => {
    const cache = repositoryCache(scene.cacheFolder, MODEL)
    await mkdir(cache.blobs, { recursive: true })
    await writeFile(cache.blob('abc'), 'content')
    const noLinks = async () => {
      throw Object.assign(new Error('operation not permitted'), { code: 'EPERM', syscall: 'symlink' })
    }
    const place = await placeFile(cache, 'a'.repeat(40), { path: 'x/config.json', blobName: 'abc' }, { link: noLinks, otherwise: 'copy' })
    expect(await readFile(place, 'utf8')).toBe('content')
    expect(await readdir(cache.blobs)).toEqual(['abc'])
  })
})

describe('a disk that does not play along', () => {
  test('a cache folder that is a file', async () => {
    scene.server.commit(MODEL, { 'config.json': '{}' })
    const cacheFolder = join(scene.cacheFolder, 'file')
    await writeFile(cacheFolder, '')
    await expect(scene.download({ cacheFolder })).rejects.toMatchObject({
      code: 'hub/cache-unusable',
      message: expect.stringContaining('set HF_HUB_CACHE'),
    })
  })

  test.skipIf(process.getuid?.() === 0)('a cache folder that may not be written (root may write everywhere)', async () => {
    scene.server.commit(MODEL, { 'config.json': '{}' })
    await chmod(scene.cacheFolder, 0o500)
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/cache-unusable', message: expect.stringContaining('EACCES') })
    await chmod(scene.cacheFolder, 0o700)
  })

  test('too little room is found before the download', async () => {
    await expect(checkDiskSpace('/x', 3e9, async () => 1e9)).rejects.toMatchObject({
      code: 'hub/disk-full',
      message: 'The files need 3.00 GB and the disk of /x has 1.00 GB left; free space or set HF_HUB_CACHE to a folder on another disk',
    })
    await expect(checkDiskSpace('/x', 1e9, async () => 1e9)).resolves.toBeUndefined()
  })

  test('room that runs out during the download', () => {
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' })
    expect(explainFileError(full, '/cache')).toMatchObject({
      code: 'hub/disk-full',
      message: expect.stringContaining('run again to go on'),
    })
    const other = new Error('something else')
    expect(explainFileError(other, '/cache')).toBe(other)
  })
})
