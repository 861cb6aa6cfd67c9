// Weights on their way into a session, by way of a disk: the engine maps the file, so that a model never lies in memory twice.
// The files are gone as soon as the session is open; where a mapped file cannot be removed (Windows), when the process ends.
import { rmSync } from 'node:fs'
import { access, constants, type FileHandle, mkdtemp, open, readdir, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { StageModel } from '../backend.ts'
import { runtimeError } from '../errors.ts'

const LEAST_BYTES = 64 * 2 ** 20
/** Bytes written in one call; Linux takes no more than 2^31 - 4096. */
const MOST_AT_ONCE = 2 ** 30
/** Share of the free space that may be taken. */
const MOST_OF_FREE = 0.9
const NAME = /^fartsovka-weights-(\d+)-/
/** Files of a process that is no more, at this age, belong to nobody. */
const STALE_MILLISECONDS = 3_600_000

/**
 * @param folder an existing folder; one of its own is made in it and removed
 * @returns null where it is not worth it, there is no room, or nothing may be written; what it returns throws FsError `runtime/session-failed`
 * when the room is gone after all
 */
export async function stageOnDisk(folder: string, bytes: number, least = LEAST_BYTES): Promise<StageModel | null> {
  if (bytes < least) return null
  const { bavail, bsize } = await statfs(folder)
  if (bytes > MOST_OF_FREE * bavail * bsize || !(await isWritable(folder))) return null
  await removeStale(folder)
  return async (model, data) => {
    const own = await mkdtemp(join(folder, `fartsovka-weights-${process.pid}-`))
    const atExit = (): void => rmSync(own, { recursive: true, force: true })
    process.once('exit', atExit)
    const files = new Map<string, FileHandle>()
    const write = async (name: string, data: Uint8Array, offset: number): Promise<void> => {
      const file = files.get(name) ?? (await open(join(own, name), 'w'))
      files.set(name, file)
      await writeAll(file, data, offset)
    }
    const remove = (): Promise<void> =>
      rm(own, { recursive: true, force: true }).then(
        () => void process.off('exit', atExit),
        () => {},
      )
    try {
      for await (const piece of data) await write(piece.location, piece.data, piece.offset)
      await write('model.onnx', model, 0)
    } catch (error) {
      await closeAll(files)
      await remove()
      throw error
    }
    await closeAll(files)
    return { path: join(own, 'model.onnx'), remove }
  }
}

/** All of it: a disk that becomes full takes a part and says nothing. */
async function writeAll(file: FileHandle, data: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < data.length; ) {
    const { bytesWritten } = await file
      .write(data, done, Math.min(MOST_AT_ONCE, data.length - done), offset + done)
      .catch((cause: Error) => {
        throw runtimeError(
          'runtime/session-failed',
          `the model's weights could not be put into the scratch folder (${cause.message}); make room there, or name another one`,
          { bytes: data.length },
          cause,
        )
      })
    done += bytesWritten
  }
}

async function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  )
}

async function closeAll(files: ReadonlyMap<string, FileHandle>): Promise<void> {
  for (const file of files.values()) await file.close()
}

/** Removes what processes that were killed have left behind. */
async function removeStale(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, pid] = NAME.exec(name) ?? []
    if (pid === undefined || isRunning(Number(pid))) continue
    const path = join(folder, name)
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    )
    if (age > STALE_MILLISECONDS) await rm(path, { recursive: true, force: true }).catch(() => {})
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
