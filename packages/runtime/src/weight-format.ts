// How the weights of an opened model enter its graph.
import { blockFormatOf, type LinearFormat, type WeightReader } from '@fs/onnx'

/**
 * `exact` computes with the stored weights in float32. `fast` multiplies weights of block types with activations rounded to 8 bits
 * for each block, as llama.cpp does.
 */
export type Arithmetic = 'exact' | 'fast'

/** Without rounding activations ONNX Runtime can only multiply with 4-bit blocks; wider ones then become floats. */
export function weightFormat(weights: WeightReader, name: string, arithmetic: Arithmetic): LinearFormat {
  const format = blockFormatOf(weights.typeOf(name))
  return format === null || (arithmetic === 'exact' && format.bits !== 4) ? { kind: 'float' } : format
}
