// ONNX Runtime as every command uses it: with the threads asked for, weights handed over in memory unless the user names a scratch folder.
import { statSync } from 'node:fs'
import type { Backend } from '@fs/runtime'
import { cliError } from '../errors.ts'

/**
 * Loads the native library, which takes a tenth of a second and memory: call it when a model is about to be opened.
 * @throws FsError `cli/usage` when `FARTSOVKA_SCRATCH` names no folder
 */
export async function localBackend(threads: number | undefined, scratch = process.env.FARTSOVKA_SCRATCH): Promise<Backend> {
  const scratchFolder = scratch === undefined || scratch === '' ? {} : { scratchFolder: existingFolder(scratch) }
  const { nodeBackend } = await import('@fs/runtime/node')
  return nodeBackend({ ...(threads === undefined ? {} : { threads }), ...scratchFolder })
}

function existingFolder(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return path
  throw cliError('cli/usage', `FARTSOVKA_SCRATCH=${path} is no folder; make it, or unset the variable to hand weights over in memory`, {
    path,
  })
}
