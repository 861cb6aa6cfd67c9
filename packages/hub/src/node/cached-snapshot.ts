// A snapshot from the cache alone: what offline mode uses, and what saves the day when the Hub is down or limits us.
// It downloads nothing and writes nothing.
import { readFile } from 'node:fs/promises'
import { FsError } from '@fs/core'
import { hubError } from '../errors.ts'
import { shortList } from '../failures.ts'
import type { Listing } from '../listing.ts'
import { type RepositoryCache, refuseClashes } from './cache-layout.ts'
import { hasSize } from './download-blob.ts'
import { presentFiles, savedCommit, savedListing } from './saved-listing.ts'
import type { Snapshot, SnapshotRequest } from './snapshot.ts'

/** Where the list of files came from: `saved` knows the whole repository, `present` only what was downloaded before. */
export type CachedSnapshot = Snapshot & { readonly listing: 'saved' | 'present' }

/**
 * Finds all selected files in the cache.
 * @throws FsError `hub/not-cached` naming what is missing; errors of the selector when the whole list of files is known
 */
export async function cachedSnapshot(
  cache: RepositoryCache,
  { repository, revision = 'main', files: selector }: SnapshotRequest,
): Promise<CachedSnapshot> {
  const commit = await savedCommit(cache, revision)
  const saved = commit === undefined ? undefined : await savedListing(cache, repository, commit)
  const listing = saved ?? (commit === undefined ? undefined : await presentFiles(cache, repository, commit))
  if (commit === undefined || listing === undefined) throw notCached(repository, revision, 'nothing of it')
  const readText = async (path: string): Promise<string> => {
    try {
      return await readFile(cache.pointer(commit, path), 'utf8')
    } catch {
      throw notCached(repository, revision, `only a part of it, without ${path}`)
    }
  }
  const names = [...(await select(listing, selector, readText, saved === undefined ? revision : undefined))].sort()
  refuseClashes(names)
  const files = names.map((name) => ({ name, path: cache.pointer(commit, name), size: listing.files.get(name)?.size ?? 0 }))
  const present = await Promise.all(files.map(({ path, size }) => hasSize(path, size)))
  const missing = names.filter((_, index) => !present[index])
  if (missing.length > 0) throw notCached(repository, revision, `only a part of it, without ${shortList(missing)}`)
  return { repository, commit, folder: cache.snapshot(commit), files, listing: saved === undefined ? 'present' : 'saved' }
}

async function select(
  listing: Listing,
  selector: SnapshotRequest['files'],
  readText: (path: string) => Promise<string>,
  partOf: string | undefined,
): Promise<readonly string[]> {
  try {
    return await selector({ ...listing, readText })
  } catch (error) {
    if (partOf === undefined || !FsError.is(error) || error.code === 'hub/not-cached') throw error
    // What the selector misses may well be in the repository; it only was never downloaded.
    throw notCached(listing.repository, partOf, 'only a part of it, without the files this needs')
  }
}

function notCached(repository: string, revision: string, what: string) {
  return hubError(
    'hub/not-cached',
    `${repository}@${revision} is needed offline, and the cache has ${what}; run once without --offline and HF_HUB_OFFLINE`,
    { repository, revision },
  )
}
