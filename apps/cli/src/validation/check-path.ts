// Whether a file or folder is what it should be, and every reason why not. A strict read decides, as before a conversion; only when it
// refuses are the files read again with patience, to find the other reasons.
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { openModel } from '@fs/convert'
import { type Checkpoint, FsError } from '@fs/core'
import { nodeFolder, openPath } from '@fs/formats/node'
import { isExported } from '../engine/exported-model.ts'
import { openLocal } from '../open-local.ts'
import { exportProblems } from './export-problems.ts'
import { ggufProblems, safetensorsProblems } from './file-problems.ts'

export type Validation = {
  /** What the files are, when they could be opened. */
  readonly container?: string
  readonly tensors: number
  readonly metadata: number
  /** Bytes of the files that hold tensors; of all there are, where they could not be read. */
  readonly size: number
  /** Empty when all is well. */
  readonly problems: readonly Problem[]
}

export type Problem = { readonly code: string; readonly message: string }

/** @throws FsError when there is nothing at `path`, or it cannot be read at all */
export async function checkPath(path: string): Promise<Validation> {
  let checkpoint: Checkpoint
  try {
    // A graph is told what lies beside it.
    checkpoint = await (path.endsWith('.onnx') ? openLocal(path) : openPath(path))
  } catch (error) {
    if (!FsError.is(error) || error.code === 'bytes/not-found') throw error
    return { tensors: 0, metadata: 0, size: await sizeOf(path), problems: distinct([error, ...(await otherReasons(path, error))]) }
  }
  try {
    const { container, tensors, metadata } = checkpoint
    const size = tensors.files.reduce((sum, file) => sum + file.size, 0)
    if (isExported(checkpoint)) {
      const { weights, problems } = await exportProblems(checkpoint)
      return { container, tensors: weights, metadata: 0, size, problems: distinct(problems) }
    }
    return {
      container: container === 'safetensors' && checkpoint.config !== undefined ? 'safetensors with config.json' : container,
      tensors: tensors.tensors.size,
      metadata: metadata?.size ?? 0,
      size,
      problems: distinct(await contradictions(checkpoint)),
    }
  } finally {
    await checkpoint.close()
  }
}

/** Of a file, or of all that lie in a folder. */
async function sizeOf(path: string): Promise<number> {
  const stats = await stat(path)
  if (!stats.isDirectory()) return stats.size
  const sizes = await Promise.all([...(await nodeFolder(path)).files.keys()].map(async (name) => (await stat(join(path, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** What a patient reading finds in the files the strict one refused. */
async function otherReasons(path: string, refusal: FsError): Promise<readonly FsError[]> {
  const isShards = refusal.code.startsWith('shards/') || /\.index\.json$/.test(path)
  if (refusal.code.startsWith('gguf/')) return ggufProblems(await fileOf(path, /^[^/]+\.gguf$/))
  if (!refusal.code.startsWith('safetensors/') && !isShards) return []
  const files = isShards || !/\.\w+$/.test(basename(path)) ? await filesOf(path, /^[^/]+\.safetensors$/) : [path]
  return (await Promise.all(files.map(safetensorsProblems))).flat()
}

/** The file itself, or the first of that kind in a folder. */
async function fileOf(path: string, pattern: RegExp): Promise<string> {
  return pattern.test(basename(path)) ? path : ((await filesOf(path, pattern))[0] ?? path)
}

async function filesOf(path: string, pattern: RegExp): Promise<readonly string[]> {
  const folder = await nodeFolder(path).catch(() => undefined)
  const root = folder === undefined ? dirname(path) : path
  const { files } = folder ?? (await nodeFolder(root))
  return [...files.keys()].filter((name) => pattern.test(name)).map((name) => join(root, name))
}

/**
 * A folder says twice what it holds, in config.json and in its tensors. A published architecture nobody knows cannot be held against them; a
 * unified folder has none of these, and says its model twice in config.json alone.
 */
async function contradictions(checkpoint: Checkpoint): Promise<readonly FsError[]> {
  if (checkpoint.config === undefined || checkpoint.metadata !== undefined) return []
  try {
    await openModel(checkpoint)
    return []
  } catch (error) {
    if (!FsError.is(error)) throw error
    return checkpoint.container === 'unified' || error.code.startsWith('arch/') ? [error] : []
  }
}

/** The strict reader's reason is found again by the patient one. */
function distinct(problems: readonly FsError[]): readonly Problem[] {
  const seen = new Map(problems.map(({ code, message }) => [`${code} ${message}`, { code, message }]))
  return [...seen.values()]
}
