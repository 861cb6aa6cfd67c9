// Opens a model sharded over several files, whatever the files are. Index, headers and file sizes are held against one another before any data
// is read: a missing, short or foreign shard would otherwise be loaded as noise.
import type { ByteSource, Folder, TensorInfo, TensorSource } from '@fs/core'
import { fail } from '../errors.ts'
import { checkFileName } from './file-name.ts'
import { readShardIndex, type ShardIndex } from './shard-index.ts'

/** How many shards are opened at once; each is one or two small requests. */
const PARALLEL = 8

/**
 * Opens all shards that `indexName` names; `readShard` reads the header of one and leaves it open.
 * @throws FsError shards/index, shards/missing, shards/stale-index, shards/wrong-shard, shards/duplicate-tensor, folder/unsafe-name, and what
 * `readShard` throws
 */
export async function openShards(
  folder: Folder,
  indexName: string,
  readShard: (source: ByteSource) => Promise<readonly Omit<TensorInfo, 'file'>[]>,
): Promise<TensorSource> {
  const index = await readShardIndex(folder, indexName)
  for (const shard of index.shards) {
    checkFileName(shard, indexName)
    if (!folder.files.has(shard)) {
      throw fail('shards/missing', `${shard} is missing from ${folder.name}, but ${indexName} names it; download it`, { file: shard })
    }
  }
  const files: ByteSource[] = []
  const tensors = new Map<string, TensorInfo>()
  const close = async () => void (await Promise.all(files.map((file) => file.close())))
  try {
    for (let first = 0; first < index.shards.length; first += PARALLEL) {
      const sources = await Promise.all(index.shards.slice(first, first + PARALLEL).map((shard) => folder.open(shard)))
      files.push(...sources)
      const shards = await Promise.all(sources.map(readShard))
      shards.forEach((found, place) => {
        for (const tensor of found) addTensor(tensors, { ...tensor, file: first + place }, index, indexName)
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
    throw fail('shards/duplicate-tensor', `"${name}" is in ${shard} and in an earlier shard; one of them is stale`, {
      tensor: name,
      file: shard,
    })
  }
  const place = index.weightMap.get(name)
  if (place === undefined) {
    const message = `${shard} holds "${name}", which ${indexName} does not know; index and shards are of different versions`
    throw fail('shards/stale-index', message, { tensor: name, file: shard })
  }
  if (place !== shard) {
    throw fail('shards/wrong-shard', `"${name}" is in ${shard}; ${indexName} says ${place}`, { tensor: name, file: shard, expected: place })
  }
  tensors.set(name, tensor)
}

function checkComplete(tensors: ReadonlyMap<string, TensorInfo>, index: ShardIndex, indexName: string): void {
  for (const [name, shard] of index.weightMap) {
    if (tensors.has(name)) continue
    throw fail('shards/stale-index', `${indexName} says "${name}" is in ${shard}, which does not hold it; download both again`, {
      tensor: name,
      file: shard,
    })
  }
}
