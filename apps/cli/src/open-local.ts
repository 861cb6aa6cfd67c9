// Opens a path a person typed. A weights file of a checkpoint is opened with the configuration and tokenizer beside it, as people expect;
// what any file says is read in `@fs/formats`.
import { basename, dirname, relative, resolve } from 'node:path'
import type { Checkpoint, Folder } from '@fs/core'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { nodeFolder, openPath } from '@fs/formats/node'

/** @throws FsError what `openPath` throws */
export async function openLocal(path: string): Promise<Checkpoint> {
  if (path.endsWith('.onnx')) return openExport(path)
  const folder = await folderAround(path)
  return folder === undefined ? openPath(path) : openCheckpoint(folder)
}

/** The folder an ONNX model belongs to, which transformers.js wants to be its parent's, with no other model of it; else the file alone. */
async function openExport(path: string): Promise<Checkpoint> {
  const full = resolve(path)
  const folders = basename(dirname(full)) === 'onnx' ? [dirname(dirname(full)), dirname(full)] : [dirname(full)]
  for (const root of folders) {
    const name = relative(root, full).replaceAll('\\', '/')
    const folder = await nodeFolder(root).catch(() => undefined)
    if (!folder?.files.has(name) || !BESIDE_EXPORTS.some((file) => folder.files.has(file))) continue
    const belongs = (other: string) => other === name || !OTHER_WEIGHTS.test(other)
    return openCheckpoint({ ...folder, files: new Map([...folder.files].filter(([other]) => belongs(other))) })
  }
  return openPath(path)
}

/** What shows that a folder is the model's, and not just where its file lies. */
const BESIDE_EXPORTS = ['config.json', 'genai_config.json', 'tokenizer.json'] as const

/** Weights that say nothing of their model themselves, and their indexes. */
const WEIGHTS = /^(?<stem>[^/]+?)(?:-\d{5}-of-(?<count>\d{5}))?\.(?<kind>safetensors|bin)(?:\.index\.json)?$/
/** Other weights beside them; never companions. */
const OTHER_WEIGHTS = /\.(safetensors|bin|pth?|gguf|ggml|onnx|msgpack|h5)(\.index\.json)?$/

/** The folder with no weights but those of `path`, when that is a bare weights file with a config.json beside it. */
async function folderAround(path: string): Promise<Folder | undefined> {
  const { stem, kind } = WEIGHTS.exec(basename(path))?.groups ?? {}
  if (stem === undefined) return undefined
  // A file that lies among thousands of others is opened alone.
  const folder = await nodeFolder(dirname(path)).catch(() => undefined)
  if (!folder?.files.has('config.json') || !folder.files.has(basename(path))) return undefined
  const belongs = (name: string) => {
    if (!OTHER_WEIGHTS.test(name)) return true
    const other = WEIGHTS.exec(name)?.groups
    return name === basename(path) || (isPart(path) && other?.stem === stem && other?.kind === kind && isPart(name))
  }
  const files = new Map([...folder.files].filter(([name]) => belongs(name)))
  const usual = ['model', 'pytorch_model'].includes(stem)
  return { ...folder, name: usual ? folder.name : stem, files }
}

/** Whether a file is a shard or an index of shards. */
const isPart = (name: string): boolean => /-\d{5}-of-\d{5}\.\w+$|\.index\.json$/.test(name)
