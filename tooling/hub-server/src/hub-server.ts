// A Hub on 127.0.0.1 for tests: two hosts (two ports), repositories in memory, misbehaviours on demand, a record of every request.
// It is meant to be as strict as huggingface.co and its storage, and no stricter; it is not part of any product.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, send } from './answer.ts'
import { type Befalls, createMisbehaviours, type Misbehaviour } from './misbehaviour.ts'
import { type Content, commitHash, type Repository, sha256Of, storeFiles, type Visibility } from './repositories.ts'
import { answerHub, answerStorage, type Hub, type Question } from './routes.ts'

export type { Befalls, Misbehaviour } from './misbehaviour.ts'
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
  close(): Promise<void>
}

/**
 * Starts a server.
 * @param options.tokens for each token the server knows, the gated and private repositories it may read
 * @param options.pageSize entries per page of a listing, 1000 as on the Hub by default
 */
export async function startHubServer(
  options: { readonly tokens?: { readonly [token: string]: readonly string[] }; readonly pageSize?: number } = {},
): Promise<HubServer> {
  const repositories = new Map<string, Repository>()
  const misbehaviours = createMisbehaviours()
  const requests: RecordedRequest[] = []
  const answers = { hub: answerHub, storage: answerStorage }

  const listen = async (host: 'hub' | 'storage'): Promise<Server> => {
    const server = createServer((request, response) => {
      const question = questionOf(request)
      const path = question.url.pathname + question.url.search
      requests.push({ host, method: question.method, path, headers: request.headers as RecordedRequest['headers'] })
      const answer: Answer = answers[host](hub, question)
      void respond(request, response, answer, misbehaviours.meet(host, question.method, path))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  const servers = [await listen('hub'), await listen('storage')] as const
  const [hubPort, storagePort] = servers.map((server) => (server.address() as AddressInfo).port)
  const endpoint = `http://127.0.0.1:${hubPort}`
  // Another name for the same machine: clients that compare hosts without ports see two, as with the real storage.
  const storage = `http://localhost:${storagePort}`
  const hub: Hub = {
    repositories,
    tokens: new Map(Object.entries(options.tokens ?? {})),
    pageSize: options.pageSize ?? 1000,
    endpoint,
    storage,
  }

  const repositoryOf = (name: string): Repository => {
    const known = repositories.get(name) ?? { name, visibility: 'public', hashes: 'listed', commits: new Map(), refs: new Map() }
    repositories.set(name, known)
    return known
  }
  return {
    endpoint,
    storage,
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
    close: async () => {
      for (const server of servers) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  }
}

function questionOf(request: IncomingMessage): Question {
  // WHATWG parsing would fold `..`; clients may not send it, and a test that looks at requests should see it.
  const url = new URL('http://127.0.0.1')
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2)
  url.pathname = path
  url.search = query
  url.host = request.headers.host ?? '127.0.0.1'
  return { method: request.method ?? 'GET', url, authorization: request.headers.authorization }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  misbehaviours: readonly Misbehaviour[],
): Promise<void> {
  request.resume()
  await send(request, response, answer, misbehaviours)
}
