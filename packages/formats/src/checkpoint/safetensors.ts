// safetensors as a container: one file, or shards with an index.

import { fail } from '../errors.ts'
import { readSafetensors } from '../safetensors/read.ts'
import { readSafetensorsIndex } from '../safetensors/sharded.ts'
import type { Container } from './container.ts'

/** The names transformers looks for, in its order (SAFE_WEIGHTS_NAME, SAFE_WEIGHTS_INDEX_NAME in transformers/utils/__init__.py), then PEFT's. */
const ENTRIES = ['model.safetensors', 'model.safetensors.index.json', 'adapter_model.safetensors'] as const

export const safetensors = {
  id: 'safetensors',
  find(folder) {
    const usual = ENTRIES.find((name) => folder.files.has(name))
    if (usual !== undefined) return usual
    // Diffusers and fine-tunes use other stems; a single one leaves no doubt.
    const others = [...folder.files.keys()].filter((name) => /^[^/]+\.safetensors(?:\.index\.json)?$/.test(name))
    const shards = others.filter((name) => /-\d{5}-of-\d{5}\.safetensors$/.test(name))
    const indexes = others.filter((name) => name.endsWith('.index.json'))
    if (indexes.length === 1) return indexes[0]
    if (indexes.length === 0 && shards.length > 0) {
      throw fail(
        'checkpoint/ambiguous',
        `${folder.name} holds ${shards.length} shards but no index; download model.safetensors.index.json`,
        { files: shards },
      )
    }
    return others.length === 1 ? others[0] : undefined
  },
  detect({ head, name }) {
    // No magic: a little-endian header length under 100 MB, then a brace. Files cut after some bytes are recognised by their name.
    const braced = head.length > 8 && head[8] === 0x7b && head.subarray(4, 8).every((byte) => byte === 0)
    return braced || name.endsWith('.safetensors') || name.endsWith('.safetensors.index.json')
  },
  async open(folder, entry) {
    if (entry.endsWith('.json')) return { tensors: await readSafetensorsIndex(folder, entry) }
    const source = await folder.open(entry)
    try {
      return { tensors: await readSafetensors(source) }
    } catch (error) {
      await source.close()
      throw error
    }
  },
} as const satisfies Container
