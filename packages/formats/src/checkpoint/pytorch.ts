// PyTorch files as a container: one file, shards with an index, or Meta's consolidated checkpoint with its params.json.
import type { Folder, MetadataValue } from '@fs/core'
import { narrowedFolder } from '../folder/narrowed-folder.ts'
import { readJsonObject } from '../json/read-json-object.ts'
import { LEGACY_HEAD } from '../pytorch/legacy-container.ts'
import { readModelParallel } from '../pytorch/model-parallel.ts'
import { beginsWith, readPytorch, ZIP_HEAD } from '../pytorch/read.ts'
import { readPytorchIndex } from '../pytorch/sharded.ts'
import type { Container } from './container.ts'
import { flattenToMetadata, scalarsToMetadata } from './plain-metadata.ts'

/** The names transformers looks for, in its order (WEIGHTS_NAME, WEIGHTS_INDEX_NAME in transformers/utils/__init__.py), then PEFT's. */
const ENTRIES = ['pytorch_model.bin', 'pytorch_model.bin.index.json', 'adapter_model.bin'] as const
const CONSOLIDATED = /^consolidated\.\d\d\.pth$/
/** What Meta ships with it, and what people put there. */
const META_COMPANIONS = /^(?:params|tokenizer|tokenizer_config|special_tokens_map|generation_config)\.json$|^tokenizer\.model$|^README\.md$/

export const pytorch = {
  id: 'pytorch',
  find(folder) {
    const usual = ENTRIES.find((name) => folder.files.has(name))
    if (usual !== undefined) return usual
    const consolidated = partsOf(folder)
    if (consolidated.length > 0) return consolidated[0]
    const others = [...folder.files.keys()].filter((name) => /^[^/]+\.(?:pt|pth|ckpt)$/.test(name))
    return others.length === 1 ? others[0] : undefined
  },
  detect: ({ head, name }) =>
    beginsWith(head, ZIP_HEAD) || beginsWith(head, LEGACY_HEAD) || /\.(?:pt|pth|ckpt|bin\.index\.json)$/.test(name),
  async open(folder, entry) {
    if (entry.endsWith('.json')) return { tensors: await readPytorchIndex(folder, entry) }
    const parts = CONSOLIDATED.test(entry) ? partsOf(folder) : []
    if (parts.length > 1) {
      const metadata = await readParams(folder, entry)
      return { tensors: await readModelParallel(folder, parts), metadata, companions: narrowedFolder(folder, META_COMPANIONS) }
    }
    const source = await folder.open(entry)
    try {
      const file = await readPytorch(source)
      const metadata = new Map([...scalarsToMetadata(file.scalars), ...(await readParams(folder, entry))])
      return {
        tensors: file,
        ...(metadata.size === 0 ? {} : { metadata }),
        ...(CONSOLIDATED.test(entry) ? { companions: narrowedFolder(folder, META_COMPANIONS) } : {}),
      }
    } catch (error) {
      await source.close()
      throw error
    }
  },
} as const satisfies Container

function partsOf(folder: Folder): string[] {
  return [...folder.files.keys()].filter((name) => CONSOLIDATED.test(name)).sort()
}

/** Meta's hyperparameters, as `params.dim` and so on. */
async function readParams(folder: Folder, entry: string): Promise<ReadonlyMap<string, MetadataValue>> {
  if (!CONSOLIDATED.test(entry) || !folder.files.has('params.json')) return new Map()
  return flattenToMetadata(await readJsonObject(folder, 'params.json'), 'params.')
}
