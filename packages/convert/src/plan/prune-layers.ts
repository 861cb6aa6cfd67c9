// Leaves out layers of a GGUF model and renumbers the rest, as llama-quantize's `--prune-layers` does (tools/quantize, src/llama-quant.cpp).
import type { MetadataValue, TensorInfo } from '@fs/core'
import { convertError } from '../errors.ts'

/** A stored tensor under the name it will have. */
export type PrunedTensor = { readonly name: string; readonly stored: TensorInfo }

type Pruned = { readonly tensors: readonly PrunedTensor[]; readonly metadata: ReadonlyMap<string, MetadataValue> }

/** @throws FsError `convert/no-such-layer` for a layer the model does not have, or when none would be left */
export function pruneLayers(
  tensors: readonly TensorInfo[],
  metadata: ReadonlyMap<string, MetadataValue>,
  layers: readonly number[],
): Pruned {
  if (layers.length === 0) return { tensors: tensors.map((stored) => ({ name: stored.name, stored })), metadata }
  const present = [...new Set(tensors.map(({ name }) => layerOf(name)).filter((layer) => layer !== undefined))].sort(
    (left, right) => left - right,
  )
  const unknown = layers.find((layer) => !present.includes(layer))
  if (unknown !== undefined)
    throw convertError('convert/no-such-layer', `there is no layer ${unknown}; the model has layers 0 to ${present.at(-1) ?? 0}`, {
      layer: unknown,
    })
  const kept = present.filter((layer) => !layers.includes(layer))
  if (kept.length === 0) throw convertError('convert/no-such-layer', 'every layer would be left out; keep at least one', {})
  const number = new Map(kept.map((layer, index) => [layer, index]))
  const result = tensors.flatMap((stored) => {
    const layer = layerOf(stored.name)
    if (layer === undefined) return [{ name: stored.name, stored }]
    const renumbered = number.get(layer)
    return renumbered === undefined ? [] : [{ name: stored.name.replace(/^blk\.\d+/, `blk.${renumbered}`), stored }]
  })
  const architecture = metadata.get('general.architecture')
  const counted = new Map(metadata)
  counted.set(`${architecture?.type === 'STRING' ? architecture.value : ''}.block_count`, { type: 'UINT32', value: kept.length })
  return { tensors: result, metadata: counted }
}

function layerOf(name: string): number | undefined {
  const match = /^blk\.(\d{1,6})\./.exec(name)
  return match === null ? undefined : Number(match[1])
}
