// What the cache itself knows of a repository: commits of branches (`refs/`), lists of files (`trees/`), files present (`snapshots/`).
// A file under `trees/` is shared with huggingface_hub (>= 1.22, _tree_cache.py, format_version 1); what is malformed counts as absent.
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type HubFile, hubFile, type Listing } from '../listing.ts'
import { isCommit } from '../model-id.ts'
import type { RepositoryCache } from './cache-layout.ts'

/** The commit a branch or tag stood at when it was last downloaded, if ever. */
export async function savedCommit(cache: RepositoryCache, revision: string): Promise<string | undefined> {
  if (isCommit(revision)) return revision
  const text = await readFile(cache.ref(revision), 'utf8').catch(() => '')
  return isCommit(text.trim()) ? text.trim() : undefined
}

/** Remembers where a branch or tag stands. A cache that cannot be written is as good without. */
export async function saveCommit(cache: RepositoryCache, revision: string, commit: string): Promise<void> {
  if (revision !== commit && (await savedCommit(cache, revision)) !== commit) await tryToReplace(cache.ref(revision), commit)
}

/** The complete list of files at a commit, if somebody saved it. */
export async function savedListing(cache: RepositoryCache, repository: string, commit: string): Promise<Listing | undefined> {
  try {
    const { format_version: version, files: saved } = JSON.parse(await readFile(cache.tree(commit), 'utf8')) as {
      format_version: unknown
      files: object
    }
    if (version !== 1) return undefined
    const files = new Map<string, HubFile>()
    for (const [path, entry] of Object.entries(saved) as [string, { [key: string]: unknown }][]) {
      const file = hubFile(path, entry.lfs_size ?? entry.size, entry.lfs_sha256 ?? undefined, entry.blob_id)
      if (file === undefined) return undefined
      files.set(path, file)
    }
    return { repository, commit, files }
  } catch {
    return undefined
  }
}

/**
 * Saves a list for the next run and for offline use, where the cache can be written. Lists without git hashes are not saved:
 * huggingface_hub requires them.
 */
export async function saveListing(cache: RepositoryCache, { commit, files }: Listing): Promise<void> {
  const rows = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  if (rows.some(({ gitHash }) => gitHash === undefined)) return
  const entries = rows.map(({ path, size, sha256, gitHash }) => {
    const entry = { size, blob_id: gitHash, ...(sha256 === undefined ? {} : { lfs_sha256: sha256, lfs_size: size }) }
    return [path, entry] as const
  })
  await tryToReplace(cache.tree(commit), JSON.stringify({ format_version: 1, files: Object.fromEntries(entries) }, null, 1))
}

/** The files present in a snapshot, with their sizes; hashes are not known. Undefined when there is no such snapshot. */
export async function presentFiles(cache: RepositoryCache, repository: string, commit: string): Promise<Listing | undefined> {
  const root = cache.snapshot(commit)
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return undefined
  const files = new Map<string, HubFile>()
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    // Follows the link to the blob; a link to nothing is an absent file.
    const found = await stat(path).catch(() => undefined)
    const name = path.slice(root.length + 1).replaceAll('\\', '/')
    if (found?.isFile()) files.set(name, { path: name, size: found.size })
  }
  return { repository, commit, files }
}

/** Writes beside and renames, so that no reader ever sees half a file. */
async function tryToReplace(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomUUID()}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(aside, text)
    await rename(aside, path)
  } catch {
    await rm(aside, { force: true }).catch(() => undefined)
  }
}
