// AWQ in its `gemm` layout: as GPTQ, but packed along the outputs and in an order of its own within each word.
// Facts: awq/modules/linear/gemm.py and awq/utils/packing_utils.py of AutoAWQ.
import type { JsonObject } from '@fs/core'
import type { ModelTensor } from '../../source-tensor.ts'
import { transposedLayer } from './gptq.ts'
import { type QuantizedModel, wholeLayers } from './layers.ts'
import { type Packing, unpacked } from './packed.ts'

/** The place of each of a word's eight levels: the packer puts 0, 2, 4, 6, 1, 3, 5, 7 one behind the other. */
const ORDER = [0, 4, 1, 5, 2, 6, 3, 7]
const PACKING: Packing = { bits: 4, unitWords: 1, unitLevels: 8, along: 'columns', order: ORDER }

/** Why an AWQ checkpoint is not read, or undefined when it is. */
export function awqObstacle(settings: JsonObject): string | undefined {
  const bits = settings.bits ?? settings.w_bit ?? 4
  if (bits !== 4) return `with ${String(bits)} bits, which are not read`
  const version = String(settings.version ?? 'gemm').toLowerCase()
  return version === 'gemm' ? undefined : `in the layout ${version}, which is made for one kind of hardware`
}

export function awqLayers(model: QuantizedModel, settings: JsonObject): Promise<ReadonlyMap<string, ModelTensor>> {
  const groupSize = Number(settings.group_size ?? settings.q_group_size ?? -1)
  return wholeLayers(model, 'qweight', ['qweight', 'qzeros', 'scales'], (layer) => {
    const words = layer.part('qweight')
    const levels = unpacked(words, [words.shape[0] ?? 0, 8 * (words.shape[1] ?? 0)], PACKING)
    return transposedLayer(layer, model, levels, PACKING, undefined, groupSize)
  })
}
