// Where things lie in the shared Hub cache: `models--org--name/{blobs,refs,snapshots,trees}` and `.locks`. Paths only, no I/O.
// Layout: huggingface_hub 1.33 (file_download.py, _tree_cache.py). Every name that comes from elsewhere is checked here before it is joined.
import { join } from 'node:path'
import { unsafePathReason } from '@fs/core'
import { hubError } from '../errors.ts'
import { checkRepository, isCommit } from '../model-id.ts'

export type RepositoryCache = {
  /** The repository's own folder. */
  readonly folder: string
  readonly blobs: string
  /** File that holds the commit a branch or tag stood at when last seen. */
  ref(revision: string): string
  /** List of all files at a commit, written by huggingface_hub >= 1.22 and by us. */
  tree(commit: string): string
  snapshot(commit: string): string
  /** A file's place in a snapshot. @throws FsError `hub/unsafe-name` */
  pointer(commit: string, name: string): string
  /** A file's content. @throws FsError `hub/unsafe-name` */
  blob(blobName: string): string
  /** Lock of a blob; beside huggingface_hub's own `<etag>.lock`, whose `flock` Node cannot share. */
  lock(blobName: string): string
}

/** @throws FsError `hub/bad-id` when the repository's name would not be a single folder */
export function repositoryCache(cacheFolder: string, repository: string): RepositoryCache {
  checkRepository(repository)
  const name = `models--${repository.replace('/', '--')}`
  const folder = join(cacheFolder, name)
  return {
    folder,
    blobs: join(folder, 'blobs'),
    ref: (revision) => {
      checkRepository(repository, revision)
      return join(folder, 'refs', ...revision.split('/'))
    },
    tree: (commit) => join(folder, 'trees', `${checkCommit(commit)}.json`),
    snapshot: (commit) => join(folder, 'snapshots', checkCommit(commit)),
    pointer: (commit, path) => join(folder, 'snapshots', checkCommit(commit), ...safeParts(path)),
    blob: (blobName) => join(folder, 'blobs', safeBlobName(blobName)),
    lock: (blobName) => join(cacheFolder, '.locks', name, `${safeBlobName(blobName)}.fartsovka.lock`),
  }
}

/**
 * The parts of a path from a server, safe to be joined to a folder.
 * @throws FsError `hub/unsafe-name`
 */
export function safeParts(path: string): readonly string[] {
  const reason = unsafePathReason(path)
  if (reason === undefined) return path.split('/')
  throw hubError('hub/unsafe-name', `The repository names a file ${JSON.stringify(path)}, which ${reason}; do not use this repository`, {
    name: path,
  })
}

/**
 * An ETag as a file name: without quotes and weakness mark, as huggingface_hub writes it.
 * @throws FsError `hub/bad-answer` when what is left could be anything but a plain name
 */
export function blobNameOfEtag(etag: string): string {
  return safeBlobName(etag.trim().replace(/^W\//, '').replace(/^"|"$/g, ''))
}

function safeBlobName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._+=-]{0,149}$/.test(text) && !text.endsWith('.incomplete') && unsafePathReason(text) === undefined)
    return text
  throw hubError(
    'hub/unsafe-name',
    `The server names a file's content ${JSON.stringify(text.slice(0, 100))}, which is no ETag that can be a file name; check HF_ENDPOINT`,
    { name: text.slice(0, 100) },
  )
}

function checkCommit(commit: string): string {
  if (isCommit(commit)) return commit
  throw hubError('hub/bad-answer', `${JSON.stringify(commit.slice(0, 100))} is not a commit; check HF_ENDPOINT`)
}

/**
 * Refuses names that different systems would take for the same file, or that need a file to be a folder as well.
 * @throws FsError `hub/unsafe-name`
 */
export function refuseClashes(names: readonly string[]): void {
  const seen = new Map<string, string>()
  for (const name of names) {
    const key = folded(name)
    const other = seen.get(key)
    if (other !== undefined && other !== name) throw clash(name, other)
    seen.set(key, name)
  }
  for (const name of names) {
    const parts = folded(name).split('/')
    for (let length = 1; length < parts.length; length++) {
      const other = seen.get(parts.slice(0, length).join('/'))
      if (other !== undefined) throw clash(name, other)
    }
  }
}

function folded(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

function clash(name: string, other: string) {
  return hubError(
    'hub/unsafe-name',
    `The repository has files ${JSON.stringify(name)} and ${JSON.stringify(other)}, which cannot lie side by side on every system; rename one`,
    { name, other },
  )
}
