// Opens a model sharded over several PyTorch files. What is checked between index and shards is in `folder/sharded-source.ts`.
import type { Folder, TensorSource } from '@fs/core'
import { openShards } from '../folder/sharded-source.ts'
import { readPytorchTensors } from './read.ts'

/**
 * Opens all shards that `indexName` names (usually `pytorch_model.bin.index.json`).
 * @throws FsError with a `shards/` code when index and shards do not fit together, and what reading each file throws
 */
export function readPytorchIndex(folder: Folder, indexName: string): Promise<TensorSource> {
  return openShards(folder, indexName, async (source) => (await readPytorchTensors(source)).tensors)
}
