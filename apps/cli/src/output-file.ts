// The files commands write beside models: reports, matrices, log-probabilities, cards. Refused before the work begins when they exist
// or have no place, and whole under their name or not there. Models themselves are written by `@fs/convert`.
import { accessSync, closeSync, constants, mkdirSync, openSync, renameSync, rmSync, type Stats, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { getSystemErrorMessage } from 'node:util'
import { cliError } from './errors.ts'
import { type Terminal, userPath } from './terminal/terminal.ts'

export type ForceOption = { readonly force?: true }

/** A place that may be written to. */
export type OutputFile = {
  readonly path: string
  /** As the user typed it. */
  readonly shown: string
}

/**
 * Says now what would otherwise be said after an hour of computing.
 * @throws FsError `cli/output-exists` for a file that is there, without `force`; `cli/output-unwritable` where nothing can be written
 */
export function outputFile(shown: string, { force }: ForceOption, terminal: Terminal): OutputFile {
  if (shown === '-') throw cliError('cli/usage', 'files are not written to standard output; name one instead of -', {})
  const path = userPath(terminal, shown)
  const existing = foreseen(shown, () => {
    const stats = statsOf(path)
    if (stats === undefined) accessSync(nearestFolder(path), constants.W_OK)
    return stats
  })
  if (existing !== undefined && !existing.isFile())
    throw cliError('cli/output-unwritable', `${shown} is ${existing.isDirectory() ? 'a folder' : 'no ordinary file'}; name a file`, {
      file: path,
    })
  if (existing !== undefined && !force)
    throw cliError('cli/output-exists', `${shown} exists already; choose another name or overwrite it with --force`, { file: path })
  return { path, shown }
}

/** Writes all of a file. @throws FsError `cli/output-unwritable` */
export function writeOutput(file: OutputFile, content: string | Uint8Array): void {
  const partial = openOutput(file)
  try {
    partial.write(typeof content === 'string' ? Buffer.from(content) : content)
    partial.finish()
  } finally {
    partial.abandon()
  }
}

export type PartialFile = {
  /** @throws FsError `cli/output-unwritable` */
  readonly write: (bytes: Uint8Array) => void
  /** Gives the file its name. */
  readonly finish: () => void
  /** Leaves nothing behind; after `finish` it does nothing. */
  readonly abandon: () => void
}

/** A file written piece by piece, in a folder made for it where there is none. @throws FsError `cli/output-unwritable` */
export function openOutput({ path, shown }: OutputFile): PartialFile {
  const partial = `${path}.partial`
  let handle: number | undefined = foreseen(shown, () => {
    mkdirSync(dirname(path), { recursive: true })
    return openSync(partial, 'w')
  })
  return {
    write: (bytes) =>
      foreseen(shown, () => {
        for (let done = 0; done < bytes.length; ) done += writeSync(handle!, bytes, done)
      }),
    finish: () =>
      foreseen(shown, () => {
        closeSync(handle!)
        renameSync(partial, path)
        handle = undefined
      }),
    abandon: () => {
      if (handle === undefined) return
      try {
        closeSync(handle)
      } catch {
        // Closed by a `finish` whose renaming failed.
      }
      rmSync(partial, { force: true })
      handle = undefined
    },
  }
}

/** A path below something that is no folder has no stats either; the folder check says so. */
function statsOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false })
}

function nearestFolder(path: string): string {
  const folder = dirname(path)
  const stats = statsOf(folder)
  if (stats === undefined && folder !== path) return nearestFolder(folder)
  // The slash makes the system refuse what is no folder.
  return `${folder}/`
}

/** What the system refuses, in words. */
function foreseen<T>(shown: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    const { errno } = cause as NodeJS.ErrnoException
    if (errno === undefined) throw cause
    throw cliError(
      'cli/output-unwritable',
      `${shown} cannot be written: ${getSystemErrorMessage(errno)}; choose another place`,
      { file: shown },
      cause,
    )
  }
}
