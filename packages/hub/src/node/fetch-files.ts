// Fetches what is missing of a listing's selected files and puts it in its place.
// It has the whole list; where that came from, and what to do when the Hub is down, is `snapshot.ts`.
import { mkdir, readFile, stat } from 'node:fs/promises'
import { hubError } from '../errors.ts'
import type { Listing } from '../listing.ts'
import { checkDiskSpace } from './cache-failures.ts'
import { type RepositoryCache, refuseClashes } from './cache-layout.ts'
import { downloadBlob, hasSize } from './download-blob.ts'
import { type IdentifiedFile, identify } from './file-identity.ts'
import { inParallel } from './parallel.ts'
import { placeFile, systemLink } from './pointer.ts'
import type { SnapshotFile, SnapshotRequest } from './snapshot.ts'

const PARALLEL = 8
/** An index of shards is a few MB for the largest models. */
const LARGEST_TEXT = 64 * 2 ** 20

/** Files with the same content, which are one blob. Never empty. */
type Group = readonly [IdentifiedFile, ...IdentifiedFile[]]

type Place = Pick<SnapshotRequest, 'access' | 'symlinks' | 'onProgress'> & { readonly cache: RepositoryCache; readonly listing: Listing }

/**
 * Makes every selected file present in the snapshot of the listing's commit.
 * @returns the selected files, by name
 * @throws FsError as `downloadSnapshot`
 */
export async function fetchFiles(request: SnapshotRequest, cache: RepositoryCache, listing: Listing): Promise<readonly SnapshotFile[]> {
  const { commit } = listing
  const place: Place = { ...request, cache, listing }
  const names = [...(await request.files({ ...listing, readText: (name) => readSmallFile(place, name) }))].sort()
  refuseClashes(names)
  const files = await Promise.all(names.map((name) => identified(place, name)))
  const present = await Promise.all(files.map(({ path, size }) => hasSize(cache.pointer(commit, path), size)))
  await fetchMissing(
    request,
    place,
    files,
    files.filter((_, index) => !present[index]),
  )
  return files.map(({ path, size }) => ({ name: path, path: cache.pointer(commit, path), size }))
}

async function fetchMissing(
  { cacheFolder, parallel = PARALLEL, access, onProgress }: SnapshotRequest,
  place: Place,
  files: readonly IdentifiedFile[],
  missing: readonly IdentifiedFile[],
): Promise<void> {
  // Largest first keeps all lanes busy to the end.
  const groups = [...Map.groupBy(missing, ({ blobName }) => blobName).values()].sort((a, b) => size(b) - size(a)) as unknown as Group[]
  const blobBytes = new Map<string, number>()
  for (const [first] of groups) blobBytes.set(first.blobName, await bytesPresent(place.cache, first))

  const total = files.reduce((sum, file) => sum + file.size, 0)
  const started = [...blobBytes.values()].reduce((sum, bytes) => sum + bytes, 0)
  let bytes = total - missing.reduce((sum, file) => sum + file.size, 0) + started
  onProgress?.({ kind: 'plan', files: files.length, total, cached: bytes })
  if (groups.length === 0) return
  await mkdir(place.cache.blobs, { recursive: true })
  await checkDiskSpace(cacheFolder, groups.reduce((sum, [first]) => sum + first.size, 0) - started)

  await inParallel(groups, parallel, access, async (group, scope) => {
    const [first, ...others] = group
    await fetchGroup({ ...place, access: scope }, group, (fileBytes) => {
      bytes += fileBytes - (blobBytes.get(first.blobName) ?? 0)
      blobBytes.set(first.blobName, fileBytes)
      onProgress?.({ kind: 'bytes', file: first.path, fileBytes, fileSize: first.size, bytes, total })
    })
    bytes += others.length * first.size
    for (const file of group) onProgress?.({ kind: 'done', file: file.path, size: file.size })
  })
}

async function fetchGroup(
  { access, cache, listing, symlinks = true, onProgress }: Place,
  group: Group,
  onBytes?: (bytes: number) => void,
): Promise<void> {
  const { repository, commit } = listing
  const [first] = group
  await mkdir(cache.blobs, { recursive: true })
  await downloadBlob({
    access,
    cache,
    repository,
    commit,
    file: first,
    ...(onBytes === undefined ? {} : { onBytes }),
    onLock: () => onProgress?.({ kind: 'waiting', file: first.path }),
  })
  for (const [index, file] of group.entries()) {
    await placeFile(cache, commit, file, { link: symlinks ? systemLink : 'none', otherwise: index === group.length - 1 ? 'move' : 'copy' })
  }
}

/** Contents of a file the selector needs to know what else is needed. */
async function readSmallFile(place: Place, name: string): Promise<string> {
  const { cache, listing, access } = place
  const file = await identified(place, name)
  if (file.size > LARGEST_TEXT)
    throw hubError(
      'hub/bad-answer',
      `${name} of ${listing.repository} has ${file.size} bytes, far more than an index needs; do not use this repository`,
      {
        file: name,
        size: file.size,
      },
    )
  const path = cache.pointer(listing.commit, name)
  if (!(await hasSize(path, file.size))) await fetchGroup({ ...place, access }, [file])
  return readFile(path, 'utf8')
}

function identified({ access, listing }: Place, name: string): Promise<IdentifiedFile> {
  const file = listing.files.get(name)
  if (file !== undefined) return identify(access, listing.repository, listing.commit, file)
  throw hubError('hub/file-not-found', `${listing.repository} has no ${name}; look at its list of files`, {
    repository: listing.repository,
    file: name,
  })
}

/** Bytes of a blob that are on the disk already, complete or not. */
async function bytesPresent(cache: RepositoryCache, { blobName, size }: IdentifiedFile): Promise<number> {
  if (await hasSize(cache.blob(blobName), size)) return size
  const partial = await stat(`${cache.blob(blobName)}.incomplete`).catch(() => undefined)
  return partial?.isFile() && partial.size <= size ? partial.size : 0
}

function size(files: readonly IdentifiedFile[]): number {
  return files[0]?.size ?? 0
}
