// The index file transformers writes beside a sharded checkpoint, `{"metadata": …, "weight_map": {tensor: shard}}`, whatever the shards are.
import type { Folder, FsError } from '@fs/core'
import { isObject, readJsonObject } from '../json/read-json-object.ts'

export type ShardIndex = {
  readonly weightMap: ReadonlyMap<string, string>
  /** Every shard once, sorted by name: the order in which transformers and llama.cpp's converter read them. */
  readonly shards: readonly string[]
}

/**
 * @param malformed makes the error for an index that is not what transformers writes
 * @throws FsError from `malformed`, or what reading JSON throws
 */
export async function readShardIndex(folder: Folder, indexName: string, malformed: (message: string) => FsError): Promise<ShardIndex> {
  const { weight_map: map } = await readJsonObject(folder, indexName)
  if (!isObject(map)) throw malformed(`${indexName} has no weight_map`)
  const weightMap = new Map<string, string>()
  for (const [tensor, shard] of Object.entries(map)) {
    if (typeof shard !== 'string') throw malformed(`${indexName}: the shard of "${tensor}" is no file name`)
    weightMap.set(tensor, shard)
  }
  if (weightMap.size === 0) throw malformed(`${indexName}: its weight_map is empty`)
  return { weightMap, shards: [...new Set(weightMap.values())].sort() }
}
