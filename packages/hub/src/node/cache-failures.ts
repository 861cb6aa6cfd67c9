// What the disk says when the cache cannot be used, put into words.
import { statfs } from 'node:fs/promises'
import { hubError } from '../errors.ts'

const UNUSABLE: ReadonlySet<string> = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'EEXIST',
  'EIO',
  'EBUSY',
  'EMFILE',
])

/** An error of ours for an error of the file system about the cache; anything else unchanged. */
export function explainFileError(error: unknown, cacheFolder: string): unknown {
  const { code, path, syscall } = (error ?? {}) as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined) return error
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return hubError(
      'hub/disk-full',
      `The disk of the cache ${cacheFolder} is full; free space or set HF_HUB_CACHE to a folder on another disk, then run again to go on`,
      { path, code },
    )
  if (!UNUSABLE.has(code)) return error
  return hubError(
    'hub/cache-unusable',
    `The cache cannot be used: ${syscall} of ${path ?? cacheFolder} fails with ${code}; repair its permissions or set HF_HUB_CACHE to another folder`,
    { path, code },
    error,
  )
}

/**
 * Checks before a download that its bytes will fit.
 * @param folder an existing folder on the disk in question
 * @param freeBytes how much is free there; asked of the system by default
 * @throws FsError `hub/disk-full`
 */
export async function checkDiskSpace(
  folder: string,
  bytes: number,
  freeBytes: (folder: string) => Promise<number> = freeSpace,
): Promise<void> {
  const free = await freeBytes(folder)
  if (bytes <= free) return
  throw hubError(
    'hub/disk-full',
    `The files need ${gigabytes(bytes)} GB and the disk of ${folder} has ${gigabytes(free)} GB left; free space or set HF_HUB_CACHE to a folder on another disk`,
    {
      needed: bytes,
      free,
      folder,
    },
  )
}

async function freeSpace(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(2)
}
