// Opens a model sharded over several safetensors files. Index, headers and file sizes are held against one another before any data is read:
// a missing, short or foreign shard would otherwise be loaded as noise.
import type { ByteSource, Folder, TensorInfo, TensorSource } from '@fs/core'
import { fail } from '../errors.ts'
import { checkFileName } from '../folder/file-name.ts'
import { readShardIndex, type ShardIndex } from '../folder/shard-index.ts'
import { readSafetensorsHeader } from './header.ts'

/** How shards are read in parallel while opening; each is one small request. */
const PARALLEL = 8

/**
 * Opens all shards that `indexName` names (usually `model.safetensors.index.json`).
 * @throws FsError safetensors/index, safetensors/missing-shard, safetensors/stale-index, safetensors/wrong-shard, safetensors/duplicate-tensor,
 * folder/unsafe-name, and what reading each header throws
 */
export async function readSafetensorsIndex(folder: Folder, indexName: string): Promise<TensorSource> {
  const index = await readShardIndex(folder, indexName, (message) => fail('safetensors/index', message, { file: indexName }))
  for (const shard of index.shards) {
    checkFileName(shard, indexName)
    if (!folder.files.has(shard)) {
      throw fail('safetensors/missing-shard', `${shard} is missing from ${folder.name}, but ${indexName} names it; download it`, {
        file: shard,
      })
    }
  }
  const files: ByteSource[] = []
  const tensors = new Map<string, TensorInfo>()
  const close = async () => void (await Promise.all(files.map((file) => file.close())))
  try {
    for (let first = 0; first < index.shards.length; first += PARALLEL) {
      const sources = await Promise.all(index.shards.slice(first, first + PARALLEL).map((shard) => folder.open(shard)))
      files.push(...sources)
      const headers = await Promise.all(sources.map(readSafetensorsHeader))
      headers.forEach((header, place) => {
        const file = first + place
        for (const entry of header.entries) addTensor(tensors, { ...entry, file }, index, indexName)
      })
    }
    checkComplete(tensors, index, indexName)
    return { files, tensors, close }
  } catch (error) {
    await close()
    throw error
  }
}

function addTensor(tensors: Map<string, TensorInfo>, tensor: TensorInfo, index: ShardIndex, indexName: string): void {
  const shard = index.shards[tensor.file]!
  const { name } = tensor
  if (tensors.has(name)) {
    throw fail('safetensors/duplicate-tensor', `"${name}" is in ${shard} and in an earlier shard; one of them is stale`, {
      tensor: name,
      file: shard,
    })
  }
  const place = index.weightMap.get(name)
  if (place === undefined) {
    throw fail(
      'safetensors/stale-index',
      `${shard} holds "${name}", which ${indexName} does not know; index and shards are of different versions`,
      {
        tensor: name,
        file: shard,
      },
    )
  }
  if (place !== shard) {
    throw fail('safetensors/wrong-shard', `"${name}" is in ${shard}; ${indexName} says ${place}`, {
      tensor: name,
      file: shard,
      expected: place,
    })
  }
  tensors.set(name, tensor)
}

function checkComplete(tensors: ReadonlyMap<string, TensorInfo>, index: ShardIndex, indexName: string): void {
  for (const [name, shard] of index.weightMap) {
    if (!tensors.has(name)) {
      throw fail('safetensors/stale-index', `${indexName} says "${name}" is in ${shard}, which does not hold it; download both again`, {
        tensor: name,
        file: shard,
      })
    }
  }
}
