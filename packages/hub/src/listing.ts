// What a repository holds at a revision: the official client's calls, through our transport, with every field checked.
// Choosing among the files is `select.ts`; fetching them is elsewhere.

import { FsError } from '@fs/core'
import { listFiles, modelInfo } from '@huggingface/hub'
import type { HubAccess } from './access.ts'
import { readJson } from './body.ts'
import { hubError } from './errors.ts'
import { placeOf, type Subject, tidy } from './failures.ts'
import { checkRepository, isCommit } from './model-id.ts'
import { hubRequest } from './request.ts'

/** One file of a repository at a commit. */
export type HubFile = {
  readonly path: string
  /** Bytes of the content itself, not of its LFS pointer. */
  readonly size: number
  /** SHA-256 of the content, for files kept in LFS or Xet storage. */
  readonly sha256?: string
  /** Git's own hash, of `blob <size>\0` and the content; where there is a `sha256`, of the LFS pointer instead. */
  readonly gitHash?: string
}

/** A repository at one commit. Keys of `files` are paths as the server spells them: unchecked until they are used. */
export type Listing = { readonly repository: string; readonly commit: string; readonly files: ReadonlyMap<string, HubFile> }

/** Far above any repository of models; a server that lists more does it to keep us busy. */
const MOST_ENTRIES = 200_000

/**
 * The commit a branch or tag stands at.
 * @throws FsError of `hubRequest`, or `hub/bad-answer`
 */
export async function resolveCommit(access: HubAccess, repository: string, revision: string): Promise<string> {
  checkRepository(repository, revision)
  if (isCommit(revision)) return revision
  const { sha } = await asHub(() =>
    modelInfo({
      name: repository,
      revision,
      hubUrl: access.endpoint,
      additionalFields: ['sha'],
      fetch: libraryFetch(access, { repository, revision }),
    }),
  )
  if (typeof sha !== 'string' || !isCommit(sha)) throw badListing(access, repository, 'names no commit')
  return sha
}

/**
 * Every file at a commit, folders included.
 * @throws FsError of `hubRequest`, or `hub/bad-answer`
 */
export async function listRepository(access: HubAccess, repository: string, commit: string): Promise<Listing> {
  checkRepository(repository, commit)
  const files = new Map<string, HubFile>()
  await asHub(async () => {
    const entries = listFiles({
      repo: { type: 'model', name: repository },
      revision: commit,
      recursive: true,
      hubUrl: access.endpoint,
      fetch: libraryFetch(access, { repository, revision: commit }),
    })
    let count = 0
    for await (const entry of entries) {
      if (++count > MOST_ENTRIES) throw badListing(access, repository, `lists more than ${MOST_ENTRIES} files and folders`)
      if (entry.type !== 'file') continue
      // In Xet storage without an LFS entry, git has only a pointer, whose hash says nothing about the content.
      const gitHash = entry.xetHash !== undefined && entry.lfs === undefined ? undefined : entry.oid
      const file = hubFile(entry.path, entry.lfs?.size ?? entry.size, entry.lfs?.oid, gitHash)
      if (file === undefined) throw badListing(access, repository, `lists a file with a missing or malformed path, size or hash`)
      files.set(file.path, file)
    }
  })
  return { repository, commit, files }
}

/** A file from outside, or undefined when a field is not what it must be. */
export function hubFile(path: unknown, size: unknown, sha256: unknown, gitHash: unknown): HubFile | undefined {
  if (typeof path !== 'string' || path === '') return undefined
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined
  if (sha256 !== undefined && !(typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256))) return undefined
  if (gitHash !== undefined && !(typeof gitHash === 'string' && isCommit(gitHash))) return undefined
  return { path, size, ...(sha256 === undefined ? {} : { sha256 }), ...(gitHash === undefined ? {} : { gitHash }) }
}

/** Address of a file's content at a commit. */
export function contentAddress(access: HubAccess, repository: string, commit: string, path: string): string {
  return `${access.endpoint}/${repository}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`
}

/** Our transport in the shape the official client takes: the client never sees the token, a redirect or a failed answer. */
function libraryFetch(access: HubAccess, subject: Subject): typeof fetch {
  return async (input, init) => {
    const headers = Object.fromEntries(new Headers(init?.headers))
    const answer = await hubRequest(access, { url: String(input), headers: { ...headers, accept: 'application/json' }, subject })
    return Response.json(await readJson(access, answer), { headers: pageLinks(answer.response.headers) })
  }
}

function pageLinks(headers: Headers): HeadersInit {
  const link = headers.get('link')
  return link === null ? {} : { link }
}

/** Runs a call of the official client; what it throws about an answer's shape becomes an error of ours. */
async function asHub<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call()
  } catch (error) {
    if (FsError.is(error) || !(error instanceof TypeError)) throw error
    throw hubError('hub/bad-answer', 'The server answers with data that is not what the Hub sends; check HF_ENDPOINT', {}, error)
  }
}

function badListing(access: HubAccess, repository: string, problem: string) {
  return hubError('hub/bad-answer', `${placeOf(access.endpoint)} ${tidy(problem)} for ${repository}; check HF_ENDPOINT`, { repository })
}
