// The `.meta` file llm-rs keeps beside a model and loads it by: what it is, and the BLAKE3 digest of its bytes (llm_rs/auto.py, ModelMetadata).
import { closeSync, existsSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs'
import { blake3 } from '@noble/hashes/blake3.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { convertError } from '../errors.ts'
import type { GgmlMeta } from '../plan/plan-ggml.ts'

const CHUNK_BYTES = 4 * 1024 * 1024

/**
 * Writes `NAME.meta` beside `NAME.bin`.
 * @param path of the finished model
 * @param baseModel where its tokenizer may be found: a repository or a folder
 * @returns the path of the `.meta` file
 */
export function writeGgmlMeta(path: string, meta: GgmlMeta, baseModel: string): string {
  const metaPath = ggmlMetaPath(path)
  const json = {
    model: meta.model,
    quantization: meta.quantization,
    quantization_version: meta.quantizationVersion,
    container: meta.container,
    // The only value its reader has ever seen; the file follows that program's conventions.
    converter: 'llm-rs',
    hash: blake3OfFile(path),
    base_model: baseModel,
  }
  writeFileSync(`${metaPath}.partial`, JSON.stringify(json, null, 4))
  renameSync(`${metaPath}.partial`, metaPath)
  return metaPath
}

/** @throws FsError `convert/output-exists` when there is a side file already */
export function checkGgmlMeta(path: string): void {
  const metaPath = ggmlMetaPath(path)
  if (!existsSync(metaPath)) return
  throw convertError('convert/output-exists', `${metaPath} exists already; choose another name with -o or overwrite it with --force`, {
    file: metaPath,
  })
}

/** The model's path with `.meta` for its ending. */
function ggmlMetaPath(path: string): string {
  return path.replace(/(?<=[^/\\])\.[^./\\]*$|$/, '.meta')
}

function blake3OfFile(path: string): string {
  const hash = blake3.create()
  const buffer = new Uint8Array(CHUNK_BYTES)
  const descriptor = openSync(path, 'r')
  try {
    for (let read = readSync(descriptor, buffer); read > 0; read = readSync(descriptor, buffer)) hash.update(buffer.subarray(0, read))
  } finally {
    closeSync(descriptor)
  }
  return bytesToHex(hash.digest())
}
