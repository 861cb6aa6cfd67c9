// Weights on their way into a session, by way of a disk: the engine maps the file, so that a model never lies in memory twice.
// The files are gone as soon as the session is open; where a mapped file cannot be removed (Windows), when the process ends.
import { rmSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StageModel } from '../backend.ts'

/** @param folder an existing folder on a disk with room for the model; a folder in it is made and removed */
export function stageOnDisk(folder: string): StageModel {
  return async (model, data) => {
    const own = await mkdtemp(join(folder, 'fartsovka-weights-'))
    const files = new Map<string, FileHandle>()
    const remove = (): Promise<void> =>
      rm(own, { recursive: true, force: true }).catch(() => {
        process.once('exit', () => rmSync(own, { recursive: true, force: true }))
      })
    try {
      for await (const piece of data) {
        let file = files.get(piece.location)
        if (file === undefined) {
          file = await open(join(own, piece.location), 'w')
          files.set(piece.location, file)
        }
        await file.write(piece.data, 0, piece.data.length, piece.offset)
      }
      await writeFile(join(own, 'model.onnx'), model)
    } catch (error) {
      await closeAll(files)
      await remove()
      throw error
    }
    await closeAll(files)
    return { path: join(own, 'model.onnx'), remove }
  }
}

async function closeAll(files: ReadonlyMap<string, FileHandle>): Promise<void> {
  for (const file of files.values()) await file.close()
}
