// A server with one open, one gated and one private repository, and impatient access to it, for the tests of requests.
import { type HubServer, startHubServer } from '@fs/hub-server'
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { HubAccess } from './access.ts'
import { resolveCommit } from './listing.ts'
import { type HubAnswer, hubRequest } from './request.ts'

export const MODEL = 'org/model'
/** May read everything. */
export const GOOD = 'hf_goodgoodgood'
/** Known, without rights. */
export const POOR = 'hf_poorpoorpoor'

export type Scene = {
  readonly server: HubServer
  /** Where the open repository's main branch stands. */
  readonly commit: string
  access(more?: Partial<HubAccess>): HubAccess
  /** Asks for a file. */
  ask(repository: string, file: string, more?: Partial<HubAccess>): Promise<HubAnswer>
  /** Asks where a branch stands. */
  resolve(more?: Partial<HubAccess>, repository?: string, revision?: string): Promise<string>
}

/** One server for the file; every test starts with it well-behaved and its record empty. */
export function useHub(): Scene {
  let server: HubServer
  let commit = ''
  beforeAll(async () => {
    server = await startHubServer({ tokens: { [GOOD]: ['org/gated', 'org/private'], [POOR]: [] } })
    for (const name of ['org/gated', 'org/private', MODEL])
      commit = server.commit(name, { 'config.json': '{}', 'model.safetensors': 'weights' })
    server.configure('org/gated', { visibility: 'gated' })
    server.configure('org/private', { visibility: 'private' })
  })
  afterEach(() => {
    server.behave()
    server.requests.length = 0
  })
  afterAll(() => server.close())
  const access = (more: Partial<HubAccess> = {}): HubAccess => ({
    endpoint: server.endpoint,
    patience: { tries: 3, firstPause: 1, longestPause: 2_000, answer: 500, silence: 300 },
    ...more,
  })
  return {
    get server() {
      return server
    },
    get commit() {
      return commit
    },
    access,
    ask: (repository, file, more) =>
      hubRequest(access(more), {
        url: `${server.endpoint}/${repository}/resolve/main/${file}`,
        subject: { repository, revision: 'main', file },
      }),
    resolve: (more, repository = MODEL, revision = 'main') => resolveCommit(access(more), repository, revision),
  }
}
