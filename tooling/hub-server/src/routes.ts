// The Hub's addresses that a download needs: a revision, its list of files, a file; and large files on the second host.
// Headers and error codes as huggingface.co sends them (docs "Hub API", and `hf_raise_for_status` of huggingface_hub).
import { type Answer, json, refusal } from './answer.ts'
import type { Repository, StoredFile } from './repositories.ts'

export type Hub = {
  readonly repositories: ReadonlyMap<string, Repository>
  /** Tokens the server knows, and the gated and private repositories each may read. */
  readonly tokens: ReadonlyMap<string, readonly string[]>
  /** Entries per page of a listing. */
  readonly pageSize: number
  /** Address of the Hub, and of the host that stores large files. */
  readonly endpoint: string
  readonly storage: string
}

export type Question = { readonly method: string; readonly url: URL; readonly authorization: string | undefined }

const ADDRESSES = [
  /^\/api\/models\/(?<name>[^/]+\/[^/]+)\/(?<kind>revision|tree)\/(?<revision>[^/]+)$/,
  /^\/(?<name>[^/]+\/[^/]+)\/(?<kind>resolve)\/(?<revision>[^/]+)\/(?<path>.+)$/,
  /^\/api\/(?<kind>resolve-cache)\/models\/(?<name>[^/]+\/[^/]+)\/(?<revision>[^/]+)\/(?<path>.+)$/,
]

/** Answers a question to the Hub itself. Every answer tells how much of the rate limit is left, as the real ones do. */
export function answerHub(hub: Hub, question: Question): Answer {
  const answer = hubAnswer(hub, question)
  return { ...answer, headers: { ratelimit: '"api";r=499;t=250', ...answer.headers } }
}

function hubAnswer(hub: Hub, { url, authorization }: Question): Answer {
  const token = authorization?.replace(/^Bearer /, '')
  if (token !== undefined && !hub.tokens.has(token)) return refusal(401, undefined, 'Invalid credentials in Authorization header')
  const { name, kind, revision, path } =
    ADDRESSES.map((address) => address.exec(url.pathname)?.groups).find((groups) => groups !== undefined) ?? {}
  if (name === undefined || revision === undefined) return refusal(404, undefined, 'Not found')
  const repository = hub.repositories.get(name)
  const readable = token !== undefined && hub.tokens.get(token)?.includes(name) === true
  if (repository === undefined || (repository.visibility === 'private' && !readable))
    return refusal(token === undefined ? 401 : 404, 'RepoNotFound', 'Repository not found')
  const wanted = decodeURIComponent(revision)
  const commit = repository.refs.get(wanted) ?? wanted
  const files = repository.commits.get(commit)
  if (files === undefined) return refusal(404, 'RevisionNotFound', `Invalid rev id: ${wanted}`)
  if (kind === 'revision') return description(repository, commit)
  if (kind === 'tree') return listing(hub, url, repository, [...files.values()])
  if (repository.visibility === 'gated' && !readable) {
    return token === undefined
      ? refusal(401, 'GatedRepo', `Access to model ${name} is restricted. You must have access to it and be authenticated to access it.`)
      : refusal(403, 'GatedRepo', `Access to model ${name} is restricted and you are not in the authorized list.`)
  }
  const file = files.get(decodeURIComponent(path ?? ''))
  if (file === undefined) return refusal(404, 'EntryNotFound', 'Entry not found')
  if (file.sha256 !== undefined) return largeContent(hub, file, file.sha256, commit)
  return kind === 'resolve' && repository.visibility === 'public' ? cachedContent(name, file, commit) : smallContent(file, commit)
}

function description({ name, visibility }: Repository, commit: string): Answer {
  const counts = { downloads: 0, likes: 0, lastModified: '2026-01-01T00:00:00.000Z' }
  return json({
    _id: name,
    id: name,
    sha: commit,
    private: visibility === 'private',
    gated: visibility === 'gated' ? 'auto' : false,
    ...counts,
  })
}

function listing(hub: Hub, url: URL, { hashes }: Repository, files: readonly StoredFile[]): Answer {
  const from = Number(url.searchParams.get('cursor') ?? 0)
  const page = files.slice(from, from + hub.pageSize).map(({ path, bytes, gitHash, sha256 }) => ({
    type: 'file',
    path,
    size: bytes.length,
    ...(hashes === 'absent'
      ? {}
      : { oid: gitHash, ...(sha256 === undefined ? {} : { lfs: { oid: sha256, size: bytes.length, pointerSize: 130 } }) }),
  }))
  const next = new URL(url)
  next.searchParams.set('cursor', String(from + hub.pageSize))
  const folders =
    from === 0 ? [...new Set(files.flatMap(({ path }) => (path.includes('/') ? [path.slice(0, path.lastIndexOf('/'))] : [])))] : []
  return json(
    [...folders.map((path) => ({ type: 'directory', path, size: 0, oid: '0'.repeat(40) })), ...page],
    from + hub.pageSize < files.length ? { link: `<${next.href}>; rel="next"` } : {},
  )
}

/** A file in git. */
function smallContent({ bytes, gitHash }: StoredFile, commit: string): Answer {
  return {
    status: 200,
    headers: { 'x-repo-commit': commit, etag: `"${gitHash}"`, 'content-type': 'text/plain; charset=utf-8' },
    body: bytes,
    ranges: true,
  }
}

/** A public repository's file in git, as it is since 2025: first a relative redirect to an address that may be cached for ever. */
function cachedContent(name: string, { path, bytes, gitHash }: StoredFile, commit: string): Answer {
  const location = `/api/resolve-cache/models/${name}/${commit}/${encodeURIComponent(path)}?etag=%22${gitHash}%22`
  return { status: 307, headers: { ...linked(commit, gitHash, bytes), location }, body: `Temporary Redirect. Redirecting to ${location}` }
}

/** A large file, which another host has. */
function largeContent(hub: Hub, { bytes }: StoredFile, sha256: string, commit: string): Answer {
  return { status: 302, headers: { ...linked(commit, sha256, bytes), location: `${hub.storage}/large/${sha256}?signature=good` } }
}

function linked(commit: string, etag: string, bytes: Uint8Array) {
  return { 'x-repo-commit': commit, 'x-linked-etag': `"${etag}"`, 'x-linked-size': String(bytes.length) }
}

/** Answers a question to the storage host. Like S3 it takes its own signature and no other credentials beside it. */
export function answerStorage(hub: Hub, { url, authorization }: Question): Answer {
  if (authorization !== undefined) return { status: 400, body: 'Only one auth mechanism allowed' }
  if (url.searchParams.get('signature') !== 'good') return { status: 403, body: 'Signature missing or expired' }
  const wanted = url.pathname.replace('/large/', '')
  for (const { commits } of hub.repositories.values()) {
    for (const files of commits.values()) {
      for (const { sha256, bytes } of files.values()) {
        if (sha256 === wanted)
          return { status: 200, headers: { etag: `"${sha256}"`, 'content-type': 'application/octet-stream' }, body: bytes, ranges: true }
      }
    }
  }
  return { status: 404, body: 'No such content' }
}
