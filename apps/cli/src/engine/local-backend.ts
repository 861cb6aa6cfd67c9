// ONNX Runtime as every command uses it: with the threads asked for, and large models handed over by way of the system's temporary folder.
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { Backend } from '@fs/runtime'

/** Loads the native library, which takes a tenth of a second and memory: call it when a model is about to be opened. */
export async function localBackend(threads: number | undefined): Promise<Backend> {
  const { nodeBackend } = await import('@fs/runtime/node')
  const scratch = existsSync(tmpdir()) ? { scratchFolder: tmpdir() } : {}
  return nodeBackend({ ...(threads === undefined ? {} : { threads }), ...scratch })
}
