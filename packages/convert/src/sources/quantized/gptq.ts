// GPTQ: levels packed down the columns of the transposed weight, a scale and a zero point for each group of its rows.
// Facts: auto_gptq/nn_modules/qlinear/qlinear_cuda_old.py; gptqmodel/nn_modules/qlinear/__init__.py (formats v1 and v2).
import type { JsonObject } from '@fs/core'
import type { ModelTensor, SourceTensor } from '../../source-tensor.ts'
import { isObject } from './declared.ts'
import { groupScaled } from './group-scaled.ts'
import type { LayerParts, QuantizedModel } from './layers.ts'
import { wholeLayers } from './layers.ts'
import { continuous, isLevelWidth, type Packing, unpacked } from './packed.ts'

/** Why a GPTQ checkpoint is not read, or undefined when it is. */
export function gptqObstacle(settings: JsonObject): string | undefined {
  if (!isLevelWidth(settings.bits)) return `with ${String(settings.bits)} bits, which are not read`
  const widths = Object.values(isObject(settings.dynamic) ? settings.dynamic : {}).map((own) => (isObject(own) ? own.bits : undefined))
  if (widths.some((own) => own !== undefined && own !== settings.bits)) return 'with other bits for some of its layers, which is not read'
  const format = settings.checkpoint_format ?? (settings.is_marlin_format === true ? 'marlin' : 'gptq')
  return format === 'gptq' || format === 'gptq_v2' ? undefined : `in the format ${String(format)}, which is made for one kind of hardware`
}

export function gptqLayers(model: QuantizedModel, settings: JsonObject): Promise<ReadonlyMap<string, ModelTensor>> {
  const bits = settings.bits as number
  // Version 1 stores zero points one too small.
  const offset = settings.checkpoint_format === 'gptq_v2' ? 0 : 1
  const zeros: Packing = { ...continuous(bits), along: 'columns', offset, wraps: true }
  return wholeLayers(model, 'qweight', ['qweight', 'qzeros', 'scales', 'g_idx'], (layer) => {
    const words = layer.part('qweight')
    const packing: Packing = { ...continuous(bits), along: 'rows' }
    const inputs = ((words.shape[0] ?? 0) / packing.unitWords) * packing.unitLevels
    const levels = unpacked(words, [inputs, words.shape[1] ?? 0], packing)
    return transposedLayer(layer, model, levels, zeros, layer.optional('g_idx'), Number(settings.group_size ?? -1))
  })
}

/** A weight whose rows are inputs, with scales and packed zero points for groups of them. */
export function transposedLayer(
  layer: LayerParts,
  model: QuantizedModel,
  levels: SourceTensor,
  zeroPacking: Packing,
  groupOfRow: SourceTensor | undefined,
  groupSize: number,
): ModelTensor {
  const scales = layer.part('scales')
  const zeros = unpacked(layer.part('qzeros'), [scales.shape[0] ?? 0, levels.shape[1] ?? 0], zeroPacking)
  const tensor = groupScaled({ name: `${layer.layer}.weight`, type: model.type, levels, scales, zeros, groupOfRow, groupSize })
  return { tensor, chain: [{ kind: 'transpose' }] }
}
