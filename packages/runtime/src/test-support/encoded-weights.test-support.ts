// Made-up weights as a quantized file would hold them, and what they decode to.
import { GGML_TYPES } from '@fs/core'
import type { WeightReader } from '@fs/onnx'
import { BLOCK_TYPES, type BlockTypeName } from '@fs/quant/block-types'
import { type NamedWeights, weightReader } from './random-weights.test-support.ts'

/** The weights encoded, matrices only, and what they decode to. `typeFor` may give each matrix another type. */
export function encodedWeights(
  weights: NamedWeights,
  typeFor: (name: string) => BlockTypeName,
): { stored: WeightReader; decoded: NamedWeights } {
  const bytes = new Map<string, Uint8Array>()
  const decoded = new Map(weights)
  for (const [name, { shape, values }] of weights) {
    if (shape.length === 1) continue
    const type = BLOCK_TYPES[typeFor(name)]
    const target = new Uint8Array((values.length / type.blockSize) * type.blockBytes)
    const importance = type.importance === 'required' ? new Float32Array(shape.at(-1)!).fill(1) : undefined
    type.quantize!(values, target, importance)
    const back = new Float32Array(values.length)
    type.dequantize(target, back)
    bytes.set(name, target)
    decoded.set(name, { shape, values: back })
  }
  const plain = weightReader(decoded)
  return {
    decoded,
    stored: {
      typeOf: (name) => (bytes.has(name) ? typeFor(name) : 'F32'),
      read: async (name, firstRow, rows) => {
        const whole = bytes.get(name)
        if (whole === undefined) return plain.read(name, firstRow, rows)
        const { blockSize, blockBytes } = GGML_TYPES[typeFor(name)]
        const rowBytes = (weights.get(name)!.shape.at(-1)! / blockSize) * blockBytes
        return { type: typeFor(name), bytes: whole.subarray(firstRow * rowBytes, (firstRow + rows) * rowBytes) }
      },
    },
  }
}
