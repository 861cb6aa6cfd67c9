// A Hub on 127.0.0.1 for tests: two hosts (two ports), repositories in memory, misbehaviours on demand, a record of every request.
// It is meant to be as strict as huggingface.co and its storage, and no stricter; it is not part of any product.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { send } from './answer.ts'
import { type Befalls, createMisbehaviours, type Misbehaviour } from './misbehaviour.ts'
import { type Account, answerPublishing, answerUpload, type Call, type Collection, type Publishing } from './publishing.ts'
import { type Content, commitHash, type Repository, sha256Of, storeFiles, type Visibility } from './repositories.ts'
import { answerHub, answerStorage, type Hub } from './routes.ts'

export type { Befalls, Misbehaviour } from './misbehaviour.ts'
export type { Account, Collection } from './publishing.ts'
export type { Content, Visibility } from './repositories.ts'

export type RecordedRequest = {
  readonly host: 'hub' | 'storage'
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string | undefined }
}

export type HubServer = {
  /** What HF_ENDPOINT would be. */
  readonly endpoint: string
  /** Address of the host that stores large files. */
  readonly storage: string
  /** Every request so far, in order. */
  readonly requests: RecordedRequest[]
  /** Makes a commit with exactly these files, creates the repository if need be, and returns the commit's hash. */
  commit(repository: string, files: { readonly [path: string]: Content }, branch?: string): string
  /** Changes who may see the repository, or whether its listings have hashes. */
  configure(repository: string, settings: { readonly visibility?: Visibility; readonly hashes?: 'listed' | 'absent' }): void
  /** From now on requests that match go wrong in this way. */
  misbehave(befalls: Befalls, misbehaviour: Misbehaviour): void
  behave(): void
  /** What the server calls this content in large-file storage. */
  storedHash(content: Content): string
  /** What a branch holds now, after what clients published; undefined when there is no such repository. */
  contents(repository: string, branch?: string): { readonly [path: string]: Uint8Array } | undefined
  collection(slug: string): Collection | undefined
  close(): Promise<void>
}

export type HubServerOptions = {
  /** For each token the server knows, the gated and private repositories it may read. */
  readonly tokens?: { readonly [token: string]: readonly string[] }
  /** For each token of somebody who may publish, who that is. */
  readonly accounts?: { readonly [token: string]: Account }
  /** Entries per page of a listing; 1000 by default, as on the Hub. */
  readonly pageSize?: number
  /** Uploads above this many bytes go to the storage, in parts of this size; 5 MB by default. */
  readonly partSize?: number
}

/** Starts a server. Close it, or the process does not end. */
export async function startHubServer(options: HubServerOptions = {}): Promise<HubServer> {
  const repositories = new Map<string, Repository>()
  const misbehaviours = createMisbehaviours()
  const requests: RecordedRequest[] = []

  const listen = async (host: 'hub' | 'storage'): Promise<Server> => {
    const server = createServer(async (request, response) => {
      const { url: path = '/', method = 'GET', headers } = request
      requests.push({ host, method, path, headers: headers as RecordedRequest['headers'] })
      const body = await buffer(request).catch(() => undefined)
      if (body === undefined) return
      const call = { method, url: new URL(path, host === 'hub' ? hub.endpoint : hub.storage), authorization: headers.authorization, body }
      const met = misbehaviours.meet(host, method, path)
      // A status sent instead of the answer means that nothing was done.
      const done = met.some(({ kind }) => kind === 'status') ? { status: 500 } : answerOf[host](call)
      await send(request, response, done, met)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  const answerOf = {
    hub: (call: Call) => answerPublishing(hub, call) ?? answerHub(hub, call),
    storage: (call: Call) => answerUpload(hub, call) ?? answerStorage(hub, call),
  }
  const servers = [await listen('hub'), await listen('storage')] as const
  const [hubPort, storagePort] = servers.map((server) => (server.address() as AddressInfo).port)
  const hub: Hub & Publishing = {
    repositories,
    tokens: new Map(Object.entries(options.tokens ?? {})),
    accounts: new Map(Object.entries(options.accounts ?? {})),
    pageSize: options.pageSize ?? 1000,
    partSize: options.partSize ?? 5_000_000,
    stored: new Map(),
    parts: new Map(),
    collections: new Map(),
    endpoint: `http://127.0.0.1:${hubPort}`,
    // Another name for the same machine: clients that compare hosts without ports see two, as with the real storage.
    storage: `http://localhost:${storagePort}`,
  }

  const repositoryOf = (name: string): Repository => {
    const known = repositories.get(name) ?? { name, visibility: 'public', hashes: 'listed', commits: new Map(), refs: new Map() }
    repositories.set(name, known)
    return known
  }
  return {
    endpoint: hub.endpoint,
    storage: hub.storage,
    requests,
    commit: (name, contents, branch = 'main') => {
      const repository = repositoryOf(name)
      const files = storeFiles(contents)
      const hash = commitHash(files)
      repository.commits.set(hash, files)
      repository.refs.set(branch, hash)
      return hash
    },
    configure: (name, settings) => {
      Object.assign(repositoryOf(name), settings)
    },
    misbehave: misbehaviours.add,
    behave: misbehaviours.clear,
    storedHash: sha256Of,
    contents: (name, branch = 'main') => {
      const repository = repositories.get(name)
      const files = repository?.commits.get(repository.refs.get(branch) ?? '')
      return files === undefined
        ? undefined
        : Object.fromEntries([...files.values()].map(({ path, bytes }) => [path, new Uint8Array(bytes)]))
    },
    collection: (slug) => hub.collections.get(slug),
    close: async () => {
      for (const server of servers) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  }
}
