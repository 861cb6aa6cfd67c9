// How the weights of an opened model enter its graph.
import { canonicalTensors, type ModelSpec } from '@fs/arch'
import { blockFormatOf, type LinearFormat, roundedFormat, type WeightReader } from '@fs/onnx'

/**
 * `exact` computes with the stored weights in float32.
 * `fast` keeps the stored weights too, but multiplies those of block types with activations rounded to 8 bits for each block, as llama.cpp does.
 * `fastest` does the same, and rounds weights of more than 4 bits, floats included, to 8 bits in wider blocks: a quarter of float's
 * memory, and a third less to read than Q6_K as it is stored.
 */
export type Arithmetic = 'exact' | 'fast' | 'fastest'

/** The form in which each weight of a model enters its graph, by canonical name. */
export function weightFormats(spec: ModelSpec, weights: WeightReader, arithmetic: Arithmetic): (name: string) => LinearFormat {
  const rowLengths = new Map(canonicalTensors(spec).map(({ name, shape }) => [name, shape.at(-1) ?? 1]))
  return (name) => {
    const stored = blockFormatOf(weights.typeOf(name))
    switch (arithmetic) {
      case 'exact':
        // Without rounding activations ONNX Runtime can only multiply with 4-bit blocks; wider ones become floats.
        return stored?.bits === 4 ? stored : { kind: 'float' }
      case 'fast':
        return stored ?? { kind: 'float' }
      case 'fastest': {
        // Which expert gets a token hangs on small differences.
        if (stored?.bits === 4 || name.endsWith('.router.weight')) return stored ?? { kind: 'float' }
        return roundedFormat(rowLengths.get(name) ?? 1) ?? stored ?? { kind: 'float' }
      }
      default:
        return arithmetic satisfies never
    }
  }
}
