// Which type each canonical weight of an ONNX model gets: llama-quantize's for a GGUF of that name, so that both compute with the same
// numbers. How a type enters a graph is `@fs/onnx`'s business.
import type { Notice } from '@fs/arch'
import { GGML_TYPES, type GgmlType } from '@fs/core'
import { blockFormatOf } from '@fs/onnx/rows'
import { convertError } from '../errors.ts'
import type { OpenedModel } from '../open-model.ts'
import { type ResultTensor, resultTensors } from '../plan/result-tensors.ts'
import { keptType, storedTypes } from '../plan/stored-types.ts'
import {
  asFloat32,
  type ChosenTypes,
  converterTypes,
  isConverterType,
  quantizerTypes,
  recipeFacts,
  type TypeOptions,
} from '../plan/tensor-types.ts'

/** A block type, and its importance in the plan's list. */
export type WeightType = { readonly type: GgmlType; readonly importance?: number }

export type WeightTypes = {
  /** `F32`, `F16` or the file type's name, `Q4_K_M`. */
  readonly name: string
  /** Weights in blocks by canonical name; every other one is float. */
  readonly blocks: ReadonlyMap<string, WeightType>
  /** Bits a weight takes in the graph, of the most weights. */
  readonly weights: 'float' | 8 | 4
  readonly notices: readonly Notice[]
}

/**
 * @param quant `auto` (blocks as they are stored, else floats), `f32`, `f16`, or one of llama-quantize's names
 * @param importance the plan's list of importance vectors, to which this output's are added
 * @throws FsError `convert/onnx-type` for bfloat16, and what llama-quantize's rules refuse
 */
export function weightTypes(model: OpenedModel, quant: string, options: TypeOptions, importance: Float32Array[]): WeightTypes {
  const wanted = quant.toUpperCase()
  if (wanted === 'BF16') {
    throw convertError('convert/onnx-type', 'ONNX Runtime computes with no bfloat16 here; choose f32, which keeps every value, or f16', {
      type: quant,
    })
  }
  const floats = { name: wanted === 'F16' ? 'F16' : 'F32', blocks: new Map(), weights: 'float', notices: [] } as const
  if (wanted === 'F32' || wanted === 'F16') return floats
  const tensors = resultTensors(model, 'gguf')
  const chosen = wanted === 'AUTO' ? storedTypes(tensors) : chosenTypes(model, tensors, quant, options, importance)
  if (chosen === undefined) return floats
  const blocks = canonicalTypes(model, chosen)
  const weights = blocks.size === 0 ? 'float' : mostBits(model, blocks)
  return { name: chosen.name, blocks, weights, notices: [...chosen.notices, ...widened(blocks)] }
}

/** From blocks a model is quantized again only where `--allow-requantize` says so. */
function chosenTypes(
  model: OpenedModel,
  tensors: readonly ResultTensor[],
  quant: string,
  options: TypeOptions,
  importance: Float32Array[],
): ChosenTypes {
  const stored = new Map(tensors.map((tensor) => [tensor.name, keptType(tensor)]))
  const isQuantized = [...stored.values()].some((type) => type !== undefined)
  if (!isQuantized && isConverterType(quant, options)) return converterTypes(tensors, quant)
  const typed = asFloat32(tensors).map((tensor) => ({ ...tensor, type: stored.get(tensor.name) ?? tensor.type }))
  return quantizerTypes(recipeFacts(model), typed, quant, options, importance)
}

/** A row of the weight table joins names of both forms; what GGUF keeps in one tensor has one type. */
function canonicalTypes(model: OpenedModel, { types }: ChosenTypes): ReadonlyMap<string, WeightType> {
  const result = new Map<string, WeightType>()
  for (const { row } of model.weights) {
    for (const [index, name] of row.canonical.entries()) {
      const chosen = types.get(row.gguf.names[index] ?? row.gguf.names[0]!)
      if (chosen !== undefined && blockFormatOf(chosen.type) !== null) result.set(name, chosen)
    }
  }
  return result
}

function mostBits(model: OpenedModel, blocks: ReadonlyMap<string, WeightType>): 8 | 4 {
  const counts = { 4: 0, 8: 0 }
  for (const { name, shape } of resultTensors(model, 'canonical')) {
    const type = blocks.get(name)?.type
    if (type !== undefined) counts[blockFormatOf(type)!.bits] += shape.reduce((product, size) => product * size, 1)
  }
  return counts[8] > counts[4] ? 8 : 4
}

/** Bits that are worth a word. */
const MUCH_WIDER = 2

/** ONNX Runtime multiplies with 4 or 8 bits: types of fewer gain nothing there. */
function widened(blocks: ReadonlyMap<string, WeightType>): readonly Notice[] {
  const types = [...new Set([...blocks.values()].map(({ type }) => type))].filter((type) => {
    const { blockSize, blockBytes } = GGML_TYPES[type]
    return (8 * blockBytes) / blockSize < blockFormatOf(type)!.bits - MUCH_WIDER
  })
  if (types.length === 0) return []
  const bits = types.map((type) => `${type} takes ${blockFormatOf(type)!.bits} bits a weight`).join(', ')
  return [{ code: 'onnx/widened', message: `${bits} in ONNX, which multiplies with 4 or 8 bits; its values stay the same` }]
}
