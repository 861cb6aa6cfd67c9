// Leaving layers out of a model: new names for the tensors that stay. Metadata (`block_count`) is the caller's to change.
import { quantError } from '../errors.ts'
import { layerOfTensor } from './recipe-model.ts'

export type PrunedLayers = {
  /** New name by old name, in the given order; tensors of pruned layers are absent. */
  readonly names: ReadonlyMap<string, string>
  /** Layers that are left. */
  readonly layers: number
}

/**
 * Renumbers layers so that they are consecutive without the pruned ones, as llama-quantize's `--prune-layers`. Importance weights keep
 * their old names.
 * @throws FsError `recipe/layer` when a layer to prune does not exist, or none would be left.
 */
export function pruneLayers(tensorNames: readonly string[], pruned: readonly number[]): PrunedLayers {
  const layers = [...new Set(tensorNames.map(layerOfTensor).filter((layer) => layer !== undefined))].sort((left, right) => left - right)
  for (const layer of pruned) {
    if (!layers.includes(layer)) {
      throw quantError('recipe/layer', `There is no layer ${layer} to prune; the model has layers ${layers[0]} to ${layers.at(-1)}.`, {
        layer,
      })
    }
  }
  const kept = layers.filter((layer) => !pruned.includes(layer))
  if (kept.length === 0) throw quantError('recipe/layer', 'No layer would be left; prune fewer.', { layers: layers.length })
  const names = new Map<string, string>()
  for (const name of tensorNames) {
    const layer = layerOfTensor(name)
    if (layer === undefined) names.set(name, name)
    else if (!pruned.includes(layer)) names.set(name, name.replace(/\d+/, String(kept.indexOf(layer))))
  }
  return { names, layers: kept.length }
}
