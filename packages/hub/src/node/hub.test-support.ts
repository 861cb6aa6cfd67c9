// A server, an empty cache and quick retries for the tests of this folder.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HubServer, startHubServer } from '@fs/hub-server'
import { afterEach, beforeEach } from 'vitest'
import type { HubAccess } from '../access.ts'
import { type FileSelector, selectModel } from '../select.ts'
import { MODEL, QUICK } from './scene-constants.test-support.ts'
import { downloadSnapshot, type Snapshot, type SnapshotProgress, type SnapshotRequest } from './snapshot.ts'

export { MODEL } from './scene-constants.test-support.ts'

/** Known to the server; may read the gated and the private repository. */
export const TOKEN = 'hf_granted0123456789'
/** Bytes that differ along the file, so that a piece in the wrong place shows. */
export function weights(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}

export type Scene = {
  readonly server: HubServer
  readonly cacheFolder: string
  readonly progress: SnapshotProgress[]
  readonly access: HubAccess
  download(more?: Partial<SnapshotRequest>): Promise<Snapshot>
  /** Paths requested of each host since the last call, without queries. */
  asked(): { readonly hub: readonly string[]; readonly storage: readonly string[] }
}

/** A fresh scene for every test of the file. */
export function useScene(files: FileSelector = selectModel()): Scene {
  let scene: Omit<Scene, 'download' | 'asked'>
  let seen = 0
  beforeEach(async () => {
    const server = await startHubServer({ tokens: { [TOKEN]: ['org/gated', 'org/private'] } })
    const cacheFolder = await mkdtemp(join(tmpdir(), 'fartsovka-hub-'))
    scene = { server, cacheFolder, progress: [], access: { endpoint: server.endpoint, patience: QUICK } }
    seen = 0
  })
  afterEach(async () => {
    await scene.server.close()
    await rm(scene.cacheFolder, { recursive: true, force: true })
  })
  return {
    get server() {
      return scene.server
    },
    get cacheFolder() {
      return scene.cacheFolder
    },
    get progress() {
      return scene.progress
    },
    get access() {
      return scene.access
    },
    download: (more = {}) =>
      downloadSnapshot({
        repository: MODEL,
        files,
        access: scene.access,
        cacheFolder: scene.cacheFolder,
        onProgress: (event) => scene.progress.push(event),
        ...more,
      }),
    asked: () => {
      const recent = scene.server.requests.slice(seen)
      seen = scene.server.requests.length
      const of = (host: 'hub' | 'storage') => recent.filter((request) => request.host === host).map(({ path }) => path.split('?')[0] ?? '')
      return { hub: of('hub'), storage: of('storage') }
    },
  }
}
