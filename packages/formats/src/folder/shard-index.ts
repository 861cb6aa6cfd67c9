// The index file transformers writes beside a sharded checkpoint, `{"metadata": …, "weight_map": {tensor: shard}}`, whatever the shards are.
import type { Folder } from '@fs/core'
import { fail } from '../errors.ts'
import { isObject, readJsonObject } from '../json/read-json-object.ts'

export type ShardIndex = {
  readonly weightMap: ReadonlyMap<string, string>
  /** Every shard once, sorted by name: the order in which transformers and llama.cpp's converter read them. */
  readonly shards: readonly string[]
}

/** @throws FsError shards/index, or what reading JSON throws */
export async function readShardIndex(folder: Folder, indexName: string): Promise<ShardIndex> {
  const { weight_map: map } = await readJsonObject(folder, indexName)
  if (!isObject(map)) throw fail('shards/index', `${indexName} has no weight_map`, { file: indexName })
  const weightMap = new Map<string, string>()
  for (const [tensor, shard] of Object.entries(map)) {
    if (typeof shard !== 'string')
      throw fail('shards/index', `${indexName}: the shard of "${tensor}" is no file name`, { file: indexName, tensor })
    weightMap.set(tensor, shard)
  }
  if (weightMap.size === 0) throw fail('shards/index', `${indexName}: its weight_map is empty`, { file: indexName })
  return { weightMap, shards: [...new Set(weightMap.values())].sort() }
}
