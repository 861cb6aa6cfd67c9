// Opens whatever a person names on the command line: a folder with a model in it, or one file.
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Checkpoint } from '@fs/core'
import { openCheckpoint } from '../checkpoint/open-checkpoint.ts'
import { fail } from '../errors.ts'
import { nodeFolder } from './node-folder.ts'
import { siblingFolder } from './sibling-folder.ts'

/**
 * Opens the checkpoint at `path`. A lone file is opened by its content; beside it only its own parts are looked for (the other files of a split
 * model).
 * @throws FsError bytes/not-found, bytes/not-a-file, and whatever the container's reader refuses
 */
export async function openPath(path: string): Promise<Checkpoint> {
  const stats = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw fail('bytes/not-found', `${path}: there is no such file or folder`, { path }, cause)
  })
  if (stats.isDirectory()) return openCheckpoint(await nodeFolder(path))
  if (!stats.isFile()) throw fail('bytes/not-a-file', `${path} is neither a file nor a folder`, { path })
  return openCheckpoint(await siblingFolder(dirname(path)), basename(path))
}
