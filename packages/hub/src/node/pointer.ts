// A file's place in a snapshot: a relative link to its blob, or a plain file where links are not to be had.
// Every folder on the way is made or inspected one by one, so that nobody's link can lead the file out of the snapshot.
import { randomUUID } from 'node:crypto'
import { copyFile, lstat, mkdir, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { hubError } from '../errors.ts'
import { type RepositoryCache, safeParts } from './cache-layout.ts'

/** What systems and mounts say that have no symbolic links, or none for this user. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'UNKNOWN'])

/** Makes a symbolic link at `path`. */
export type MakeLink = (target: string, path: string) => Promise<void>

export type Placing = {
  /** How to link; `none` for plain files even where links work. */
  readonly link: MakeLink | 'none'
  /** What happens where links are not to be had: the last user of a blob may take it away, the others copy it. */
  readonly otherwise: 'copy' | 'move'
}

/** The system's own links. */
export const systemLink: MakeLink = (target, path) => symlink(target, path, 'file')

/**
 * Puts a blob in a file's place, atomically, over whatever stood there.
 * @throws FsError `hub/unsafe-name` when a folder of the snapshot is a link; file system errors as they are
 */
export async function placeFile(
  cache: RepositoryCache,
  commit: string,
  { path: name, blobName }: { readonly path: string; readonly blobName: string },
  { link, otherwise }: Placing,
): Promise<string> {
  const pointer = cache.pointer(commit, name)
  await makeFolders(dirname(cache.snapshot(commit)), [commit, ...safeParts(name).slice(0, -1)])
  const blob = cache.blob(blobName)
  // Made beside the blob, so that a kill leaves nothing strange in the snapshot. A relative link counts from where it ends up.
  const aside = `${blob}.${randomUUID()}.incomplete`
  try {
    const linked = link !== 'none' && (await tryLink(link, relative(dirname(pointer), blob), aside))
    if (!linked) await (otherwise === 'move' ? rename : copyFile)(blob, aside)
    await rename(aside, pointer)
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
  return pointer
}

async function tryLink(link: MakeLink, target: string, path: string): Promise<boolean> {
  try {
    await link(target, path)
    return true
  } catch (error) {
    if (NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

async function makeFolders(base: string, parts: readonly string[]): Promise<void> {
  await mkdir(base, { recursive: true })
  let path = base
  for (const part of parts) {
    path = join(path, part)
    await mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    if (!(await lstat(path)).isDirectory())
      throw hubError('hub/unsafe-name', `${path} in the cache is a link or a file where a folder belongs; delete it and run again`, {
        path,
      })
  }
}
