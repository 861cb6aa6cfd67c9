// bitsandbytes: 8-bit rows with their largest magnitude (LLM.int8), and 4-bit codebooks (nf4, fp4) with a scale for each block of numbers,
// which may be packed once more. Facts: bitsandbytes/functional.py (QuantState, dequantize_blockwise), bitsandbytes/nn/modules.py.
import { elementCount, type TensorInfo } from '@fs/core'
import { convertError } from '../../errors.ts'
import type { ComputedTensor, ModelTensor, SourceTensor } from '../../source-tensor.ts'
import { reshaped, scaledByShape } from '../scaled-by-shape.ts'
import { type LayerParts, type QuantizedModel, wholeLayers } from './layers.ts'

const STATES = ['weight.quant_state.bitsandbytes__nf4', 'weight.quant_state.bitsandbytes__fp4'] as const
const FOUR_BIT_PARTS = [...['weight', 'weight.absmax', 'weight.quant_map', 'weight.nested_absmax', 'weight.nested_quant_map'], ...STATES]

/** The whole part of a settings tensor that is read; real ones have some hundred bytes. */
const MAX_STATE_BYTES = 65536

export async function bitsandbytesLayers(model: QuantizedModel): Promise<ReadonlyMap<string, ModelTensor>> {
  const fourBit = [...model.tensors.keys()].some((name) => name.endsWith('.weight.absmax'))
  return fourBit
    ? wholeLayers(model, 'weight.absmax', FOUR_BIT_PARTS, (layer) => fourBitLayer(layer, model))
    : wholeLayers(model, 'SCB', ['weight', 'SCB', 'weight_format'], (layer) => eightBitLayer(layer, model))
}

/** value = level * absmax / 127, by rows (int8_vectorwise_dequant). */
async function eightBitLayer(layer: LayerParts, model: QuantizedModel): Promise<ModelTensor> {
  const format = layer.optional('weight_format')
  const layout = format === undefined ? 0 : (await readState(format, model))[0]
  if (layout !== 0) {
    throw convertError(
      'convert/quantized-layout',
      `${model.name}: ${layer.layer}.weight is laid out for one kind of graphics card; load and save it again with bitsandbytes 0.45 or newer`,
      { tensor: `${layer.layer}.weight` },
    )
  }
  const tensor = scaledByShape({
    weight: layer.part('weight'),
    scales: layer.part('SCB'),
    factor: Math.fround(1 / 127),
    type: model.type ?? 'F16',
  })
  return { tensor, chain: [] }
}

async function fourBitLayer(layer: LayerParts, model: QuantizedModel): Promise<ModelTensor> {
  const stateTensor = STATES.map((name) => layer.optional(name)).find((found) => found !== undefined) ?? layer.part(STATES[0])
  const state = parseState(await readState(stateTensor, model), stateTensor.name, model.name)
  const count = elementCount(state.shape)
  const blocks = Math.ceil(count / state.blockSize)
  const levels = layer.part('weight')
  const tensor: ComputedTensor = {
    name: levels.name,
    type: model.type ?? state.type,
    shape: state.shape,
    formula: { kind: 'codebook', bits: 4, blockSize: state.blockSize, offset: 0 },
    operands: [
      bytesOf(levels, Math.ceil(count / 2)),
      reshaped(layer.part('weight.quant_map'), [16]),
      layer.has('weight.nested_absmax') ? nestedScales(layer, state, blocks) : reshaped(layer.part('weight.absmax'), [blocks]),
    ],
  }
  return { tensor, chain: [] }
}

/** Scales that are levels of a codebook of 256 themselves, with a scale for each block and a mean added. */
function nestedScales(layer: LayerParts, state: State, blocks: number): ComputedTensor {
  const absmax = layer.part('weight.absmax')
  return {
    name: absmax.name,
    type: 'F32',
    shape: [blocks],
    formula: { kind: 'codebook', bits: 8, blockSize: state.nestedBlockSize, offset: state.nestedOffset },
    operands: [
      bytesOf(absmax, blocks),
      reshaped(layer.part('weight.nested_quant_map'), [256]),
      reshaped(layer.part('weight.nested_absmax'), [Math.ceil(blocks / state.nestedBlockSize)]),
    ],
  }
}

/** A stream of bytes; packing into a wider type (bnb_4bit_quant_storage) leaves the bytes as they are. */
function bytesOf(tensor: TensorInfo, count: number): SourceTensor {
  if (tensor.byteLength === count && tensor.strides === undefined) return { ...tensor, type: 'U8', shape: [count] }
  throw convertError(
    'convert/quantized-shape',
    `tensor ${tensor.name} has ${tensor.byteLength} bytes, but ${count} are needed; the checkpoint is damaged`,
    { tensor: tensor.name },
  )
}

type State = {
  readonly shape: readonly [number, number]
  readonly blockSize: number
  readonly nestedBlockSize: number
  readonly nestedOffset: number
  readonly type: ComputedTensor['type']
}

async function readState(tensor: TensorInfo, model: QuantizedModel): Promise<Uint8Array> {
  return tensor.byteLength <= MAX_STATE_BYTES ? model.read(tensor) : new Uint8Array(0)
}

/** The JSON text that bitsandbytes keeps as a tensor of bytes. */
function parseState(bytes: Uint8Array, tensor: string, file: string): State {
  const state = parseObject(bytes)
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0
  const [rows, columns, ...more] = Array.isArray(state.shape) ? state.shape : []
  const { blocksize, nested_blocksize = 256, nested_offset = 0 } = state
  const valid = isCount(rows) && isCount(columns) && more.length === 0 && isCount(blocksize) && isCount(nested_blocksize)
  if (!valid || typeof nested_offset !== 'number' || !Number.isSafeInteger(rows * columns)) {
    throw convertError(
      'convert/quantized-shape',
      `${file}: tensor ${tensor} does not hold the settings of bitsandbytes; the checkpoint is damaged`,
      {
        tensor,
      },
    )
  }
  const type = ({ float16: 'F16', bfloat16: 'BF16' } as const)[String(state.dtype) as 'float16'] ?? 'F32'
  return { shape: [rows, columns], blockSize: blocksize, nestedBlockSize: nested_blocksize, nestedOffset: Math.fround(nested_offset), type }
}

function parseObject(bytes: Uint8Array): { readonly [key: string]: unknown } {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return value !== null && typeof value === 'object' ? (value as { readonly [key: string]: unknown }) : {}
  } catch {
    return {}
  }
}
