// The Hub's addresses that change something: repositories, commits with Git LFS storage in parts, collections, the account.
// Shapes as @huggingface/hub 2.17 sends and expects them (src/lib and src/types/api).
import { type Answer, json, refusal } from './answer.ts'
import { type Content, commitHash, type Repository, sha256Of, storeFiles } from './repositories.ts'

/** Whose a token is. */
export type Account = { readonly name: string; readonly organizations?: readonly string[]; readonly role: 'read' | 'write' }

export type Collection = {
  readonly title: string
  readonly private: boolean
  readonly items: { readonly id: string; readonly note?: string }[]
}

export type Publishing = {
  readonly accounts: ReadonlyMap<string, Account>
  readonly repositories: Map<string, Repository>
  /** Large files that were uploaded, by hash, committed or not. */
  readonly stored: Map<string, Uint8Array>
  /** Parts of large files on their way, by hash. */
  readonly parts: Map<string, Map<number, Uint8Array>>
  /** By slug. */
  readonly collections: Map<string, Collection>
  /** Files larger than this go to the storage, in parts of this size. */
  readonly partSize: number
  readonly endpoint: string
  readonly storage: string
}

/** A request with its body. */
export type Call = { readonly method: string; readonly url: URL; readonly authorization: string | undefined; readonly body: Uint8Array }
type Handler = (hub: Publishing, account: Account, match: readonly string[], call: Call) => Answer

const HANDLERS: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ['GET', /^\/api\/whoami-v2$/, (_hub, account) => whoAmI(account)],
  ['POST', /^\/api\/repos\/create$/, createRepository],
  ['POST', /^\/api\/models\/([^/]+\/[^/]+)\/preupload\/([^/]+)$/, preupload],
  ['POST', /^\/([^/]+\/[^/]+)\.git\/info\/lfs\/objects\/batch$/, lfsBatch],
  ['POST', /^\/api\/models\/([^/]+\/[^/]+)\/commit\/([^/]+)$/, commit],
  ['POST', /^\/api\/collections$/, createCollection],
  ['POST', /^\/api\/collections\/([^/]+\/[^/]+)\/items$/, addItem],
]

/** Answers a call that publishes, or undefined when it is none. */
export function answerPublishing(hub: Publishing, call: Call): Answer | undefined {
  for (const [method, path, handler] of HANDLERS) {
    const match = path.exec(call.url.pathname)
    if (match === null || method !== call.method) continue
    const account = hub.accounts.get(call.authorization?.replace(/^Bearer /, '') ?? '')
    return account === undefined ? refusal(401, undefined, 'Invalid username or password.') : handler(hub, account, match.slice(1), call)
  }
  return undefined
}

/** Takes a large file, or a part of one, as the storage does. */
export function answerUpload(hub: Publishing, { method, url, authorization, body }: Call): Answer | undefined {
  const [, hash] = /^\/upload\/([0-9a-f]{64})$/.exec(url.pathname) ?? []
  if (hash === undefined) return undefined
  if (authorization !== undefined) return { status: 400, body: 'Only one auth mechanism allowed' }
  const parts = hub.parts.get(hash) ?? new Map<number, Uint8Array>()
  hub.parts.set(hash, parts)
  if (method === 'PUT' && url.searchParams.has('part')) {
    parts.set(Number(url.searchParams.get('part')), body)
    return { status: 200, headers: { etag: `"${sha256Of(body)}"` } }
  }
  const whole = method === 'PUT' ? body : joined(parts, body)
  if (sha256Of(whole) !== hash) return { status: 400, body: 'Content does not have the promised hash' }
  hub.stored.set(hash, whole)
  return json({})
}

/** Puts the parts together that a completion names, each with the ETag it was answered with. */
function joined(parts: ReadonlyMap<number, Uint8Array>, completion: Uint8Array): Uint8Array {
  const { parts: named } = JSON.parse(new TextDecoder().decode(completion)) as { parts: { partNumber: number; etag: string }[] }
  return Buffer.concat(
    named.map(({ partNumber, etag }) => {
      const part = parts.get(partNumber)
      return part !== undefined && etag === `"${sha256Of(part)}"` ? part : new Uint8Array(0)
    }),
  )
}

function whoAmI({ name, organizations = [], role }: Account): Answer {
  return json({
    type: 'user',
    id: name,
    name,
    fullname: name,
    orgs: organizations.map((org) => ({ type: 'org', name: org })),
    auth: { type: 'access_token', accessToken: { displayName: 'test', role } },
  })
}

function mayWrite({ name, organizations = [], role }: Account, namespace: string): boolean {
  return role === 'write' && (namespace === name || organizations.includes(namespace))
}

function textOf({ body }: Call): string {
  return new TextDecoder().decode(body)
}

function createRepository(hub: Publishing, account: Account, _match: readonly string[], call: Call): Answer {
  const { name, organization, visibility } = JSON.parse(textOf(call)) as { name: string; organization: string; visibility: string }
  const id = `${organization}/${name}`
  if (!mayWrite(account, organization))
    return refusal(403, undefined, `You don't have the rights to create a model under the namespace "${organization}"`)
  if (hub.repositories.has(id)) return refusal(409, undefined, 'You already created this model repo')
  const first = storeFiles({})
  const hash = commitHash(first)
  hub.repositories.set(id, {
    name: id,
    visibility: visibility === 'private' ? 'private' : 'public',
    hashes: 'listed',
    commits: new Map([[hash, first]]),
    refs: new Map([['main', hash]]),
  })
  return json({ url: `${hub.endpoint}/${id}`, id, name: id })
}

function writable(hub: Publishing, account: Account, name: string): Repository | Answer {
  const repository = hub.repositories.get(name)
  if (repository === undefined) return refusal(404, 'RepoNotFound', 'Repository not found')
  return mayWrite(account, name.split('/')[0] ?? '') ? repository : refusal(403, undefined, 'You need write access to this repository')
}

function preupload(hub: Publishing, account: Account, [name = '']: readonly string[], call: Call): Answer {
  const repository = writable(hub, account, name)
  if ('status' in repository) return repository
  const { files } = JSON.parse(textOf(call)) as { files: { path: string; size: number }[] }
  return json({
    files: files.map(({ path, size }) => ({ path, uploadMode: size > hub.partSize ? 'lfs' : 'regular', shouldIgnore: false })),
  })
}

function lfsBatch(hub: Publishing, account: Account, [name = '']: readonly string[], call: Call): Answer {
  const repository = writable(hub, account, name)
  if ('status' in repository) return repository
  const { objects } = JSON.parse(textOf(call)) as { objects: { oid: string; size: number }[] }
  return json({
    transfer: 'multipart',
    objects: objects.map(({ oid, size }) => {
      if (hub.stored.has(oid)) return { oid, size }
      const address = `${hub.storage}/upload/${oid}`
      const parts = Array.from({ length: Math.ceil(size / hub.partSize) }, (_, index) => [
        String(index + 1).padStart(5, '0'),
        `${address}?part=${index + 1}`,
      ])
      return {
        oid,
        size,
        actions: { upload: { href: address, header: { chunk_size: String(hub.partSize), ...Object.fromEntries(parts) } } },
      }
    }),
  })
}

type Operation =
  | { readonly key: 'header'; readonly value: { readonly summary: string } }
  | { readonly key: 'file'; readonly value: { readonly path: string; readonly content: string } }
  | { readonly key: 'lfsFile'; readonly value: { readonly path: string; readonly oid: string; readonly size: number } }

function commit(hub: Publishing, account: Account, [name = '', branch = 'main']: readonly string[], call: Call): Answer {
  const repository = writable(hub, account, name)
  if ('status' in repository) return repository
  const before = repository.commits.get(repository.refs.get(branch) ?? '')
  if (before === undefined) return refusal(404, 'RevisionNotFound', `Invalid rev id: ${branch}`)
  const contents: { [path: string]: Content } = Object.fromEntries([...before.values()].map(({ path, bytes }) => [path, bytes]))
  for (const line of textOf(call).split('\n')) {
    const operation = JSON.parse(line) as Operation
    if (operation.key === 'file') contents[operation.value.path] = Buffer.from(operation.value.content, 'base64')
    if (operation.key !== 'lfsFile') continue
    const bytes = hub.stored.get(operation.value.oid)
    if (bytes?.length !== operation.value.size)
      return refusal(400, undefined, `LFS pointer pointed to a file that does not exist: ${operation.value.path}`)
    contents[operation.value.path] = bytes
  }
  const files = storeFiles(contents)
  const hash = commitHash(files)
  repository.commits.set(hash, files)
  repository.refs.set(branch, hash)
  return json({ success: true, commitOid: hash, commitUrl: `${hub.endpoint}/${name}/commit/${hash}`, hookOutput: '' })
}

function createCollection(hub: Publishing, account: Account, _match: readonly string[], call: Call): Answer {
  const { namespace, title, private: hidden = false } = JSON.parse(textOf(call)) as { namespace: string; title: string; private?: boolean }
  if (!mayWrite(account, namespace)) return refusal(403, undefined, 'You cannot create a collection in this namespace')
  const slug = `${namespace}/${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-0123456789abcdef01234567`
  hub.collections.set(slug, { title, private: hidden, items: [] })
  return json({ slug, title })
}

function addItem(hub: Publishing, account: Account, [slug = '']: readonly string[], call: Call): Answer {
  const collection = hub.collections.get(slug)
  if (collection === undefined || !mayWrite(account, slug.split('/')[0] ?? '')) return refusal(404, undefined, 'Collection not found')
  const { item, note } = JSON.parse(textOf(call)) as { item: { id: string }; note?: string }
  if (collection.items.some(({ id }) => id === item.id)) return refusal(409, undefined, 'Item already in collection')
  collection.items.push({ id: item.id, ...(note === undefined ? {} : { note }) })
  return json({ slug })
}
