// compressed-tensors (llm-compressor, vLLM): FP8 and integers by row or group, plain or packed into words.
// Facts: compressed_tensors/compressors/{pack_quantized,naive_quantized}.py, quantization/lifecycle/forward.py.
import type { JsonObject, TensorInfo } from '@fs/core'
import { convertError } from '../../errors.ts'
import type { ComputedTensor, ModelTensor, SourceTensor } from '../../source-tensor.ts'
import { scaledByShape } from '../scaled-by-shape.ts'
import { isObject } from './declared.ts'
import { type LayerParts, type QuantizedModel, wholeLayers } from './layers.ts'
import { isLevelWidth, type Packing, unpacked } from './packed.ts'
import { scaledLayer } from './scaled-floats.ts'

const FORMATS = ['float-quantized', 'int-quantized', 'naive-quantized', 'pack-quantized', 'mixed-precision', 'dense'] as const
const PARTS = ['weight', 'weight_packed', 'weight_scale', 'weight_zero_point', 'weight_shape', 'weight_g_idx']

/** Why such a checkpoint is not read, or undefined when it is. */
export function compressedTensorsObstacle(settings: JsonObject): string | undefined {
  const groups = Object.values(isObject(settings.config_groups) ? settings.config_groups : {}).filter(isObject)
  const formats = [settings.format, ...groups.map((group) => group.format)].filter((format) => format !== undefined && format !== null)
  const foreign = formats.find((format) => !FORMATS.some((known) => known === format))
  if (foreign !== undefined) return `in the format ${String(foreign)}, which is not read`
  const sparsity = isObject(settings.sparsity_config) ? settings.sparsity_config.format : undefined
  if (typeof sparsity === 'string' && sparsity !== 'dense') return `and made sparse (${sparsity}), which is not read`
  const transforms = isObject(settings.transform_config) ? settings.transform_config.config_groups : undefined
  return isObject(transforms) && Object.keys(transforms).length > 0
    ? 'with rotations between its layers, which have no place in the result'
    : undefined
}

export function compressedTensorsLayers(model: QuantizedModel): Promise<ReadonlyMap<string, ModelTensor>> {
  return wholeLayers(model, 'weight_scale', PARTS, (layer) =>
    layer.has('weight_packed') ? packedLayer(layer, model) : scaledLayer(layer, model, 'weight_scale', blockOf(layer)),
  )
}

/** Scales of square blocks do not divide a matrix whose sides are not multiples; their size is 128 in every published model. */
function blockOf(layer: LayerParts): readonly [number, number] | undefined {
  const [weight, scales] = [layer.part('weight').shape, layer.part('weight_scale').shape]
  const [rows = 0, columns = 0] = weight
  const [scaleRows = 1, scaleColumns = 1] = scales
  const square = scaleRows === Math.ceil(rows / 128) && scaleColumns === Math.ceil(columns / 128)
  return scales.length === 2 && square && scaleRows > 1 && scaleRows !== rows ? [128, 128] : undefined
}

async function packedLayer(layer: LayerParts, model: QuantizedModel): Promise<ModelTensor> {
  const words = layer.part('weight_packed')
  const shape = await shapeOf(layer, model)
  const scales = layer.part('weight_scale')
  const bits = widthOf(words, shape)
  // Levels are stored as unsigned numbers, so the middle of their range has to be taken off again.
  const packing = { bits, unitWords: 1, unitLevels: Math.floor(32 / bits), offset: -(2 ** (bits - 1)) }
  const levels = unpacked(words, shape, { ...packing, along: 'columns' })
  const tensor = scaledByShape({
    weight: { ...levels, name: `${layer.layer}.weight` },
    scales,
    zeros: zerosOf(layer.optional('weight_zero_point'), scales, { ...packing, along: 'rows' }),
    block: scales.shape.length === 2 ? [1, Math.ceil(shape[1] / (scales.shape[1] ?? 1))] : undefined,
    type: model.type,
  })
  const groups = layer.optional('weight_g_idx')
  return { tensor: groups === undefined ? tensor : withColumnGroups(tensor, groups), chain: [] }
}

/** `actorder: group` keeps the columns in order and names each one's group. */
function withColumnGroups(tensor: ComputedTensor, groups: TensorInfo): ComputedTensor {
  if (tensor.formula.kind !== 'scaled' || groups.shape.join() !== String(tensor.shape[1])) {
    throw convertError('convert/quantized-shape', `tensor ${groups.name} does not name a group for each column of ${tensor.name}`, {
      tensor: groups.name,
    })
  }
  return { ...tensor, formula: { ...tensor.formula, groups: 'named-columns' }, operands: [...tensor.operands, groups] }
}

/** Zero points are packed down the columns, or stored as they are. */
function zerosOf(zeros: TensorInfo | undefined, scales: TensorInfo, packing: Packing): SourceTensor | undefined {
  if (zeros === undefined || zeros.type !== 'I32') return zeros
  return unpacked(zeros, [scales.shape[0] ?? 0, scales.shape[1] ?? 1], packing)
}

/** The shape before packing, which is a tensor of two numbers. */
async function shapeOf(layer: LayerParts, model: QuantizedModel): Promise<readonly [number, number]> {
  const tensor = layer.part('weight_shape')
  const bytes = tensor.byteLength <= 16 ? await model.read(tensor) : new Uint8Array(0)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (tensor.type === 'I64' && bytes.length === 16) return [Number(view.getBigInt64(0, true)), Number(view.getBigInt64(8, true))]
  if (tensor.type === 'I32' && bytes.length === 8) return [view.getInt32(0, true), view.getInt32(4, true)]
  throw convertError(
    'convert/quantized-shape',
    `tensor ${tensor.name} does not hold the two sides of a matrix; the checkpoint is damaged`,
    {
      tensor: tensor.name,
    },
  )
}

/** Bits of a level: a word holds as many whole levels as fit. */
function widthOf(words: TensorInfo, [, columns]: readonly [number, number]): number {
  const width = [4, 8, 2, 3, 5, 6, 7].find((bits) => Math.ceil(columns / Math.floor(32 / bits)) === words.shape[1])
  if (isLevelWidth(width)) return width
  throw convertError(
    'convert/quantized-shape',
    `tensor ${words.name} has ${words.shape[1]} words a row, which ${columns} levels of no width fill; the checkpoint is damaged`,
    { tensor: words.name },
  )
}
