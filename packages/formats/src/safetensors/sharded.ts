// Opens a model sharded over several safetensors files. What is checked between index and shards is in `folder/sharded-source.ts`.
import type { Folder, TensorSource } from '@fs/core'
import { openShards } from '../folder/sharded-source.ts'
import { readSafetensorsHeader } from './header.ts'

/**
 * Opens all shards that `indexName` names (usually `model.safetensors.index.json`).
 * @throws FsError with a `shards/` code when index and shards do not fit together, and what reading each header throws
 */
export function readSafetensorsIndex(folder: Folder, indexName: string): Promise<TensorSource> {
  return openShards(folder, indexName, async (source) => (await readSafetensorsHeader(source)).entries)
}
