// FP8 and 8-bit integers with scales for the whole matrix, its rows or its blocks, under the names that transformers, fbgemm, modelopt and
// compressed-tensors give them. Facts: transformers integrations/finegrained_fp8.py; compressed_tensors compressors/*_quantized.py.
import type { JsonObject } from '@fs/core'
import type { ModelTensor } from '../../source-tensor.ts'
import { scaledByShape } from '../scaled-by-shape.ts'
import { type LayerParts, type QuantizedModel, wholeLayers } from './layers.ts'

type Block = readonly [rows: number, columns: number]

/** `weight_block_size` of DeepSeek's and Qwen's FP8 checkpoints. */
export function blockSizeOf(settings: JsonObject): Block | undefined {
  const size = settings.weight_block_size
  return Array.isArray(size) && size.length === 2 && size.every((side) => typeof side === 'number' && side > 0)
    ? [Number(size[0]), Number(size[1])]
    : undefined
}

/** FP8 matrices: `weight_scale_inv` for blocks (which is multiplied all the same), `weight_scale` for rows or all. */
export async function scaledFloatLayers(model: QuantizedModel, block: Block | undefined): Promise<ReadonlyMap<string, ModelTensor>> {
  const marker = [...model.tensors.keys()].some((name) => name.endsWith('.weight_scale_inv')) ? 'weight_scale_inv' : 'weight_scale'
  return wholeLayers(model, marker, ['weight', 'weight_scale_inv', 'weight_scale', 'weight_scale_ub'], (layer) => {
    return scaledLayer(layer, model, marker, marker === 'weight_scale_inv' ? block : undefined)
  })
}

/** One layer from `weight` and its scales, with zero points where there are some. */
export function scaledLayer(layer: LayerParts, model: QuantizedModel, scales: string, block: Block | undefined): ModelTensor {
  const tensor = scaledByShape({
    weight: layer.part('weight'),
    scales: layer.part(scales),
    zeros: layer.optional('weight_zero_point'),
    block,
    type: model.type,
  })
  return { tensor, chain: [] }
}
