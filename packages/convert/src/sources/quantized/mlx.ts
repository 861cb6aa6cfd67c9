// MLX: levels packed along each row, a scale and a bias for each group of them.
// Facts: mlx/backend/cpu/quantized.cpp (affine mode); mlx_lm/utils.py for config.json.
import type { JsonObject } from '@fs/core'
import { convertError } from '../../errors.ts'
import type { ModelTensor } from '../../source-tensor.ts'
import { scaledByShape } from '../scaled-by-shape.ts'
import { isObject } from './declared.ts'
import { type LayerParts, type QuantizedModel, wholeLayers } from './layers.ts'
import { continuous, isLevelWidth, unpacked } from './packed.ts'

/** Why an MLX checkpoint is not read, or undefined when it is. */
export function mlxObstacle(settings: JsonObject): string | undefined {
  const modes = [settings, ...Object.values(settings).filter(isObject)].map(({ mode }) => mode ?? 'affine')
  const foreign = modes.find((mode) => mode !== 'affine')
  return foreign === undefined ? undefined : `in the mode ${String(foreign)}, which is not read`
}

export function mlxLayers(model: QuantizedModel, settings: JsonObject): Promise<ReadonlyMap<string, ModelTensor>> {
  return wholeLayers(model, 'scales', ['weight', 'scales', 'biases'], (layer) => mlxLayer(layer, model, settings))
}

function mlxLayer(layer: LayerParts, model: QuantizedModel, settings: JsonObject): ModelTensor {
  // A layer may have settings of its own, under its name.
  const own = settings[layer.layer]
  const { bits, group_size: groupSize } = { ...settings, ...(isObject(own) ? own : {}) }
  const [words, scales] = [layer.part('weight'), layer.part('scales')]
  const columns = Number(groupSize) * (scales.shape[1] ?? 0)
  if (!isLevelWidth(bits) || words.shape.length !== 2 || !Number.isSafeInteger(columns) || columns <= 0) {
    throw convertError(
      'convert/quantized-shape',
      `${model.name}: ${layer.layer} has ${String(bits)} bits in groups of ${String(groupSize)}, which its tensors do not fit; the checkpoint is damaged`,
      { tensor: words.name },
    )
  }
  const levels = unpacked(words, [words.shape[0]!, columns], { ...continuous(bits), along: 'columns' })
  return { tensor: scaledByShape({ weight: levels, scales, biases: layer.part('biases'), type: model.type }), chain: [] }
}
