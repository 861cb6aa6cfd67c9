// An output under its temporary name: created beside the final one, locked against a second writer, renamed when complete.
// A file under its final name is therefore always whole, whatever happens to the process.
import {
  closeSync,
  existsSync,
  fdatasync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { promisify } from 'node:util'
import { FsError } from '@fs/core'
import { convertError } from '../errors.ts'

export type PartialFile = {
  readonly partialPath: string
  readonly journalPath: string
  readonly descriptor: number
  /** Whether an earlier run left a partial file of the right size. */
  readonly existed: boolean
  write(offset: number, bytes: Uint8Array): void
  sync(): Promise<void>
  /** Makes the file visible under its final name. */
  publish(): void
  /** Leaves the partial file for the next run. */
  leave(): void
  /** Removes every trace. */
  discard(): void
}

/**
 * @param size bytes the finished file will have
 * @throws FsError `convert/output-exists` (unless `replace`), `convert/output-busy`, `convert/output-unwritable`
 */
export function openPartialFile(path: string, size: number, existing: 'refuse' | 'replace'): PartialFile {
  if (existing === 'refuse' && existsSync(path)) {
    throw convertError('convert/output-exists', `${path} exists already; choose another name with -o or overwrite it with --force`, {
      file: path,
    })
  }
  const there = statSync(path, { throwIfNoEntry: false })
  if (there?.isDirectory())
    throw convertError('convert/output-unwritable', `${path} is a folder, but the output is a file; name a file inside it`, { file: path })
  // Renaming over a device would put a file in its place.
  if (there !== undefined && !there.isFile())
    throw convertError('convert/output-unwritable', `${path} is no ordinary file and cannot be written over; name another`, { file: path })
  const partialPath = `${path}.partial`
  const lockPath = `${path}.partial.lock`
  try {
    mkdirSync(dirname(path), { recursive: true })
    lock(lockPath, path)
    const existed = existsSync(partialPath) && statSync(partialPath).size === size
    const descriptor = openSync(partialPath, existed ? 'r+' : 'w+')
    ftruncateSync(descriptor, size)
    return partialFile(path, partialPath, lockPath, descriptor, existed)
  } catch (cause) {
    if (FsError.is(cause)) throw cause
    throw convertError('convert/output-unwritable', `${path} cannot be written: ${reasonOf(cause)}`, { file: path }, cause)
  }
}

function partialFile(path: string, partialPath: string, lockPath: string, descriptor: number, existed: boolean): PartialFile {
  const journalPath = `${path}.partial.json`
  const unlock = () => {
    closeSync(descriptor)
    rmSync(lockPath, { force: true })
  }
  return {
    partialPath,
    journalPath,
    descriptor,
    existed,
    write: (offset, bytes) => writeFully(descriptor, offset, bytes, path),
    sync: () => promisify(fdatasync)(descriptor),
    publish: () => {
      renameSync(partialPath, path)
      rmSync(journalPath, { force: true })
      unlock()
    },
    leave: unlock,
    discard: () => {
      rmSync(partialPath, { force: true })
      rmSync(journalPath, { force: true })
      unlock()
    },
  }
}

/** Writes all of `bytes`; a short write is continued, a full disk becomes one sentence. */
export function writeFully(descriptor: number, offset: number, bytes: Uint8Array, path: string): void {
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done, offset + done)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw convertError(
        'convert/disk-full',
        `the disk became full while writing ${path}; make room and run the same command again to continue`,
        { file: path },
        cause,
      )
    }
    throw convertError('convert/output-unwritable', `writing ${path} failed: ${reasonOf(cause)}`, { file: path }, cause)
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** A lock is the number of the process that holds it; one whose process is gone is taken over. */
function lock(lockPath: string, path: string): void {
  try {
    writeFileSync(lockPath, String(process.pid), { flag: 'wx' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    const owner = Number(readFileSync(lockPath, 'utf8'))
    if (owner !== process.pid && isAlive(owner)) {
      throw convertError(
        'convert/output-busy',
        `process ${owner} is writing ${basename(path)} already; wait for it or choose another name`,
        { file: path, process: owner },
      )
    }
    unlinkSync(lockPath)
    writeFileSync(lockPath, String(process.pid), { flag: 'wx' })
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Checks that the disks have room for all outputs together; partial files of an earlier run count as room already taken.
 * @throws FsError `convert/disk-full`, `convert/output-unwritable`
 */
export function checkRoom(outputs: readonly { readonly path: string; readonly size: number }[]): void {
  const neededIn = new Map<string, number>()
  for (const { path, size } of outputs) {
    const folder = existingFolder(path)
    const taken = existsSync(`${path}.partial`) ? statSync(`${path}.partial`).blocks * 512 : 0
    neededIn.set(folder, (neededIn.get(folder) ?? 0) + Math.max(0, size - taken))
  }
  for (const [folder, needed] of neededIn) {
    const { bavail, bsize } = statfsSync(folder)
    const free = bavail * bsize
    if (needed > free) {
      throw convertError(
        'convert/disk-full',
        `the output needs ${sized(needed)} in ${folder}, but the disk has ${sized(free)} free; make room or choose another place with -o`,
        { folder, needed, free },
      )
    }
  }
}

/** The nearest folder above a path that exists. */
function existingFolder(path: string): string {
  let folder = dirname(path)
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder)
  return folder
}

const sized = (bytes: number): string => (bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`)
