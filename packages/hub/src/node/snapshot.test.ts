import { lstat, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MODEL, useScene, weights } from './hub.test-support.ts'

const scene = useScene()

const shards = {
  'README.md': '---\nlicense: mit\n---\n',
  'config.json': '{"model_type":"llama"}',
  'tokenizer.json': '{"version":"1.0"}',
  'additional_chat_templates/tools.jinja': '{{ messages }}',
  'model.safetensors.index.json': JSON.stringify({
    weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
  }),
  'model-00001-of-00002.safetensors': weights(300_000, 1),
  'model-00002-of-00002.safetensors': weights(200_000, 2),
  'consolidated.safetensors': weights(500_000, 3),
  'pytorch_model.bin': weights(500_000, 4),
  'onnx/model.onnx': weights(1000, 5),
  'flax_model.msgpack': weights(1000, 6),
  '.gitattributes': '*.bin filter=lfs\n',
}
const needed = [
  'README.md',
  'config.json',
  'tokenizer.json',
  'additional_chat_templates/tools.jinja',
  'model.safetensors.index.json',
  'model-00001-of-00002.safetensors',
  'model-00002-of-00002.safetensors',
]

describe('a first download', () => {
  test('brings the needed files and nothing else', async () => {
    const commit = scene.server.commit(MODEL, shards)
    const snapshot = await scene.download()
    expect(snapshot.commit).toBe(commit)
    expect(snapshot.files.map(({ name }) => name).sort()).toEqual([...needed].sort())
    for (const { name, path, size } of snapshot.files) {
      const bytes = await readFile(path)
      expect(bytes.length).toBe(size)
      const original = shards[name as keyof typeof shards]
      expect(bytes.equals(typeof original === 'string' ? Buffer.from(original) : original)).toBe(true)
    }
    const fetched = scene.asked().hub.filter((path) => path.includes('/resolve/'))
    expect(fetched.map((path) => path.split(`${commit}/`)[1]).sort()).toEqual([...needed].sort())
  })

  test('lays the cache out as huggingface_hub does', async () => {
    const commit = scene.server.commit(MODEL, shards)
    const { folder } = await scene.download()
    const cache = join(scene.cacheFolder, 'models--org--model')
    expect(folder).toBe(join(cache, 'snapshots', commit))
    expect(await readFile(join(cache, 'refs/main'), 'utf8')).toBe(commit)
    const link = join(folder, 'additional_chat_templates/tools.jinja')
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    expect(await readlink(link)).toMatch(/^\.\.\/\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/)
    expect(await readlink(join(folder, 'tokenizer.json'))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/)
    expect((await readdir(join(cache, 'blobs'))).every((name) => /^[0-9a-f]+$/.test(name))).toBe(true)
    expect(JSON.parse(await readFile(join(cache, 'trees', `${commit}.json`), 'utf8'))).toMatchObject({
      format_version: 1,
      files: { 'config.json': { size: 22, blob_id: expect.stringMatching(/^[0-9a-f]{40}$/) } },
    })
    expect(await readdir(join(scene.cacheFolder, '.locks/models--org--model'))).toEqual([])
  })

  test('tells its progress in bytes, to the last one', async () => {
    scene.server.commit(MODEL, shards)
    const { files } = await scene.download()
    const total = files.reduce((sum, { size }) => sum + size, 0)
    const [plan] = scene.progress.filter((event) => event.kind === 'plan')
    // The index was needed to make the plan, so it counts as cached.
    expect(plan).toEqual({ kind: 'plan', files: needed.length, total, cached: shards['model.safetensors.index.json'].length })
    const bytes = scene.progress.filter((event) => event.kind === 'bytes')
    expect(Math.max(...bytes.map((event) => event.bytes))).toBe(total)
    expect(bytes.at(-1)).toMatchObject({ bytes: total, total })
    expect(scene.progress.filter((event) => event.kind === 'done')).toHaveLength(needed.length - 1)
  })
})

describe('a second download', () => {
  test('asks only where the branch stands', async () => {
    scene.server.commit(MODEL, shards)
    const first = await scene.download()
    scene.asked()
    expect(await scene.download()).toEqual(first)
    expect(scene.asked()).toEqual({ hub: ['/api/models/org/model/revision/main'], storage: [] })
  })

  test('of a commit asks nothing at all', async () => {
    const commit = scene.server.commit(MODEL, shards)
    await scene.download({ revision: commit })
    scene.asked()
    await scene.download({ revision: commit })
    expect(scene.asked()).toEqual({ hub: [], storage: [] })
  })

  test('after a push fetches what changed', async () => {
    scene.server.commit(MODEL, shards)
    await scene.download()
    scene.asked()
    const commit = scene.server.commit(MODEL, { ...shards, 'config.json': '{"model_type":"mistral"}' })
    const { folder } = await scene.download()
    expect(scene.asked()).toEqual({
      hub: [
        '/api/models/org/model/revision/main',
        `/api/models/org/model/tree/${commit}`,
        `/org/model/resolve/${commit}/config.json`,
        `/api/resolve-cache/models/org/model/${commit}/config.json`,
      ],
      storage: [],
    })
    expect(await readFile(join(folder, 'config.json'), 'utf8')).toContain('mistral')
  })

  test('replaces a cached file of the wrong size', async () => {
    scene.server.commit(MODEL, shards)
    const { folder } = await scene.download()
    await writeFile(join(folder, 'config.json'), 'cut sho')
    await scene.download()
    expect(await readFile(join(folder, 'config.json'), 'utf8')).toBe(shards['config.json'])
  })
})

describe('a revision', () => {
  test('may be a pull request, whose name has folders', async () => {
    const commit = scene.server.commit(MODEL, { 'config.json': '{"from":"pr"}', 'model.safetensors': 'x' }, 'refs/pr/1')
    scene.server.commit(MODEL, shards)
    const snapshot = await scene.download({ revision: 'refs/pr/1' })
    expect(snapshot.commit).toBe(commit)
    expect(await readFile(join(scene.cacheFolder, 'models--org--model/refs/refs/pr/1'), 'utf8')).toBe(commit)
  })

  test('moves in the cache only when its files are all there', async () => {
    const first = scene.server.commit(MODEL, shards)
    await scene.download()
    scene.server.commit(MODEL, { ...shards, 'config.json': '{"new":true}' })
    scene.server.misbehave({ host: 'hub', path: /config\.json/ }, { kind: 'damage' })
    await expect(scene.download()).rejects.toMatchObject({ code: 'hub/hash-mismatch' })
    expect(await readFile(join(scene.cacheFolder, 'models--org--model/refs/main'), 'utf8')).toBe(first)
  })
})

describe('parallel downloads', () => {
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`part-${index}.safetensors`, weights(1000, index + 1)]))
  const all = async ({ files }: { readonly files: ReadonlyMap<string, unknown> }) => [...files.keys()]

  test.each([
    [3, 3],
    [1, 1],
    [0, 1],
    [Number.NaN, 1],
    [100, 12],
  ])('asked for %d at a time, run at most %d', async (parallel, most) => {
    scene.server.commit(MODEL, many)
    scene.server.misbehave({ host: 'storage', path: /./ }, { kind: 'drip', bytes: 500, everyMilliseconds: 30 })
    const begun = new Set<string>()
    let atOnce = 0
    const { files } = await scene.download({
      parallel,
      files: all,
      onProgress: (event) => {
        if (event.kind === 'bytes') begun.add(event.file)
        if (event.kind === 'done') begun.delete(event.file)
        atOnce = Math.max(atOnce, begun.size)
      },
    })
    expect(files).toHaveLength(12)
    expect(atOnce).toBeLessThanOrEqual(most)
    // How many really met depends on the machine; that some did does not.
    expect(atOnce).toBeGreaterThanOrEqual(Math.min(most, 2))
  })

  test('stop together when one fails, and keep what they have', async () => {
    scene.server.commit(MODEL, many)
    scene.server.misbehave({ host: 'hub', path: /part-5/ }, { kind: 'status', status: 403 })
    scene.server.misbehave({ host: 'storage', path: /./ }, { kind: 'drip', bytes: 100, everyMilliseconds: 50 })
    await expect(scene.download({ files: all })).rejects.toMatchObject({ code: 'hub/forbidden' })
    scene.server.behave()
    expect((await scene.download({ files: all })).files).toHaveLength(12)
  })
})
