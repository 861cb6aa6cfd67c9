// Weights made up from their names: the same description always gets the same numbers, without any file.
import { canonicalTensors, type ModelSpec } from '@fs/arch'
import type { WeightReader } from '@fs/onnx'

export type NamedWeights = ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>

/** Roughly normal numbers, scaled so that activations keep their size; norm weights around one. */
export function randomWeights(spec: ModelSpec): NamedWeights {
  return new Map(
    canonicalTensors(spec).map(({ name, shape }) => {
      const next = generator(name)
      const scale = shape.length > 1 ? shape.at(-1)! ** -0.5 : 0.2
      const middle = name.includes('norm') && name.endsWith('.weight') ? 1 : 0
      const values = Float32Array.from(
        { length: shape.reduce((a, b) => a * b, 1) },
        () => middle + scale * (next() + next() + next() - 1.5) * 2,
      )
      return [name, { shape, values }] as const
    }),
  )
}

export function weightReader(weights: NamedWeights): WeightReader {
  return {
    typeOf: () => 'F32',
    read: async (name, firstRow, rows) => {
      const { shape, values } = weights.get(name)!
      const width = shape.length === 1 ? 1 : shape.at(-1)!
      return { type: 'F32', bytes: new Uint8Array(values.slice(firstRow * width, (firstRow + rows) * width).buffer) }
    },
  }
}

/** Uniform numbers in [0, 1): mulberry32 started from the name's hash. */
function generator(name: string): () => number {
  let state = 2166136261
  for (const character of name) state = Math.imul(state ^ character.charCodeAt(0), 16777619)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
