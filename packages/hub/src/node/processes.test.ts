import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { MODEL, useScene, weights } from './hub.test-support.ts'

const scene = useScene()
const script = fileURLToPath(new URL('./downloader.test-support.ts', import.meta.url))
const files = { 'config.json': '{}', 'model.safetensors': weights(600_000, 1) }
const repository = () => join(scene.cacheFolder, 'models--org--model')
const storedHash = () => scene.server.storedHash(files['model.safetensors'])

type Event = { readonly kind: string; readonly file?: string; readonly fileBytes?: number }

/** A downloading process and what it says, line by line. */
function start(): { readonly child: ChildProcess; readonly events: AsyncIterable<Event>; readonly ended: Promise<unknown> } {
  const child = spawn(
    process.execPath,
    ['--conditions=source', script, JSON.stringify({ endpoint: scene.server.endpoint, cacheFolder: scene.cacheFolder })],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const lines = createInterface({ input: child.stdout })
  const events = (async function* () {
    for await (const line of lines) yield JSON.parse(line) as Event
  })()
  return { child, events, ended: once(child, 'exit') }
}

test('killed again and again at any byte, the download ends and no incomplete file ever had a final name', async () => {
  scene.server.commit(MODEL, files)
  scene.server.misbehave({ host: 'storage', path: /./ }, { kind: 'drip', bytes: 5_000, everyMilliseconds: 3 })
  let runs = 0
  let reached = 0
  for (let ended = false; !ended; runs++) {
    const { child, events, ended: exit } = start()
    const goal = reached + 40_000 + runs * 10_007
    for await (const event of events) {
      if (event.kind === 'end') ended = true
      if (event.file !== 'model.safetensors' || (event.fileBytes ?? 0) < goal) continue
      reached = event.fileBytes ?? 0
      child.kill('SIGKILL')
      break
    }
    await exit
    const blobs = await readdir(join(repository(), 'blobs'))
    if (blobs.includes(storedHash()))
      expect(scene.server.storedHash(await readFile(join(repository(), 'blobs', storedHash())))).toBe(storedHash())
    else expect(ended).toBe(false)
  }
  expect(runs).toBeGreaterThan(3)
  const ranges = scene.server.requests.filter(({ host }) => host === 'storage').map(({ headers }) => headers.range)
  expect(ranges[0]).toBeUndefined()
  expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-599999$/.test(range ?? ''))).toBe(true)
  expect((await readdir(join(repository(), 'blobs'))).filter((name) => name.endsWith('.incomplete'))).toEqual([])
}, 60_000)

test('two processes at once fetch each file once', async () => {
  scene.server.commit(MODEL, files)
  scene.server.misbehave({ host: 'storage', path: /./ }, { kind: 'drip', bytes: 30_000, everyMilliseconds: 20 })
  const collect = async ({ events, ended }: ReturnType<typeof start>) => {
    const kinds = new Set<string>()
    for await (const { kind } of events) kinds.add(kind)
    expect(await ended).toEqual([0, null])
    return kinds
  }
  const kinds = await Promise.all([collect(start()), collect(start())])
  expect(kinds.every((seen) => seen.has('end'))).toBe(true)
  const fetched = scene.server.requests.filter(({ host }) => host === 'storage')
  expect(fetched).toHaveLength(1)
  expect(scene.server.storedHash(await readFile(join(repository(), 'blobs', storedHash())))).toBe(storedHash())
}, 60_000)

test('two downloads in one process fetch each file once', async () => {
  scene.server.commit(MODEL, files)
  scene.server.misbehave({ host: 'storage', path: /./ }, { kind: 'drip', bytes: 100_000, everyMilliseconds: 10 })
  const [one, other] = await Promise.all([scene.download(), scene.download()])
  expect(one).toEqual(other)
  expect(scene.asked().storage).toHaveLength(1)
  expect(scene.progress.some(({ kind }) => kind === 'waiting')).toBe(true)
})
