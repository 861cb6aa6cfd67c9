// The needed files of a repository, in the shared cache: the package's main path, from asking the Hub to falling back on the cache.
// What is needed is the selector's business; fetching is `fetch-files.ts`.
import { FsError } from '@fs/core'
import type { HubAccess, Pause } from '../access.ts'
import { type Listing, listRepository, resolveCommit } from '../listing.ts'
import type { FileSelector } from '../select.ts'
import { explainFileError } from './cache-failures.ts'
import { type RepositoryCache, repositoryCache } from './cache-layout.ts'
import { type CachedSnapshot, cachedSnapshot } from './cached-snapshot.ts'
import { fetchFiles } from './fetch-files.ts'
import { saveCommit, savedListing, saveListing } from './saved-listing.ts'

export type SnapshotRequest = {
  /** `org/name`. */
  readonly repository: string
  /** Branch, tag or commit; `main` by default. */
  readonly revision?: string
  readonly files: FileSelector
  /** With `offline: true` the cache alone is used. */
  readonly access: HubAccess
  /** The cache all Hub tools share; `readHubEnvironment` finds it. */
  readonly cacheFolder: string
  /** False to put plain files into snapshots. Where links do not work that happens by itself. */
  readonly symlinks?: boolean
  /** Files downloaded at the same time; 8 by default, as huggingface_hub has it. */
  readonly parallel?: number
  readonly onProgress?: (progress: SnapshotProgress) => void
}

export type SnapshotFile = { readonly name: string; readonly path: string; readonly size: number }

export type Snapshot = {
  readonly repository: string
  readonly commit: string
  /** The snapshot's folder. It may hold more than `files`, from earlier downloads of others. */
  readonly folder: string
  /** The selected files, by name, all present and complete. */
  readonly files: readonly SnapshotFile[]
  /** Present when the Hub could not be asked and the cached state was taken instead: why. */
  readonly insteadOfHub?: FsError
}

/** Bytes count what is on the disk already, so `bytes` runs from `cached` to `total`. */
export type SnapshotProgress =
  | { readonly kind: 'plan'; readonly files: number; readonly total: number; readonly cached: number }
  | {
      readonly kind: 'bytes'
      readonly file: string
      readonly fileBytes: number
      readonly fileSize: number
      readonly bytes: number
      readonly total: number
    }
  | { readonly kind: 'done'; readonly file: string; readonly size: number }
  /** Another process is downloading the same file. */
  | { readonly kind: 'waiting'; readonly file: string }
  | ({ readonly kind: 'pause' } & Pause)

/** Failures after which a complete cached copy is better than none. A revision that is gone is not among them. */
const USE_CACHE_AFTER: ReadonlySet<string> = new Set([
  'hub/unreachable',
  'hub/rate-limited',
  'hub/server-error',
  'hub/not-a-hub',
  'hub/bad-answer',
  'hub/bad-proxy',
  'hub/bad-redirect',
  'hub/bad-token',
  'hub/gated',
  'hub/repo-not-found',
  'hub/forbidden',
  'hub/unexpected-status',
])

/**
 * Brings the selected files, and nothing else, into the shared cache. What is cached is not fetched again; what was interrupted goes on
 * where it stopped. When the Hub fails and the cache has everything, the cache is used and `insteadOfHub` says why.
 * @throws FsError of the selector, of `hubRequest`, of `downloadBlob`; `hub/not-cached`, `hub/unsafe-name`, `hub/disk-full`,
 * `hub/cache-unusable`; the abort reason when `access.signal` is aborted
 */
export async function downloadSnapshot(request: SnapshotRequest): Promise<Snapshot> {
  try {
    const cache = repositoryCache(request.cacheFolder, request.repository)
    return request.access.offline ? fromCache(await cachedSnapshot(cache, request), request) : await online(cache, request)
  } catch (error) {
    throw explainFileError(error, request.cacheFolder)
  }
}

async function online(cache: RepositoryCache, request: SnapshotRequest): Promise<Snapshot> {
  const { repository, revision = 'main', onProgress } = request
  const cached = await cachedSnapshot(cache, request).catch(ifOurs(undefined))
  // Only a saved list tells that nothing is missing.
  const complete = cached?.listing === 'saved' ? cached : undefined

  const access = withPauses(request.access, onProgress)
  let listing: Listing
  let saved: Listing | undefined
  try {
    const commit = await resolveCommit(cached === undefined ? access : hasty(access), repository, revision)
    if (complete?.commit === commit) return fromCache(complete, request)
    saved = await savedListing(cache, repository, commit)
    listing = saved ?? (await listRepository(access, repository, commit))
  } catch (error) {
    if (cached === undefined || !FsError.is(error) || !USE_CACHE_AFTER.has(error.code)) throw error
    return { ...fromCache(cached, request), insteadOfHub: error }
  }
  const { commit } = listing
  const fetchListed = async (list: Listing): Promise<readonly SnapshotFile[]> => {
    await saveListing(cache, list)
    return fetchFiles({ ...request, access }, cache, list)
  }
  const files = await fetchListed(listing).catch(async (error: unknown) => {
    if (saved === undefined || !FsError.is(error) || !SUSPECT_LIST.has(error.code)) throw error
    return fetchListed(await listRepository(access, repository, commit))
  })
  await saveCommit(cache, revision, commit)
  return { repository, commit, folder: cache.snapshot(commit), files }
}

/** Failures that a damaged list in the cache would cause: then the Hub is asked for it once more. */
const SUSPECT_LIST: ReadonlySet<string> = new Set(['hub/hash-mismatch', 'hub/size-mismatch', 'hub/changed', 'hub/file-not-found'])

function fromCache({ repository, commit, folder, files }: CachedSnapshot, { onProgress }: SnapshotRequest): Snapshot {
  const total = files.reduce((sum, { size }) => sum + size, 0)
  onProgress?.({ kind: 'plan', files: files.length, total, cached: total })
  return { repository, commit, folder, files }
}

/** With a cached copy at hand nobody wants to wait for a server that is down. */
function hasty(access: HubAccess): HubAccess {
  return { ...access, patience: { ...access.patience, tries: 1, answer: Math.min(access.patience?.answer ?? 10_000, 10_000) } }
}

function withPauses(access: HubAccess, onProgress: SnapshotRequest['onProgress']): HubAccess {
  return {
    ...access,
    onPause: (pause) => {
      access.onPause?.(pause)
      onProgress?.({ kind: 'pause', ...pause })
    },
  }
}

/** For `catch`: a failure of ours becomes `value`, any other is thrown on. */
function ifOurs<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (FsError.is(error)) return value
    throw error
  }
}
