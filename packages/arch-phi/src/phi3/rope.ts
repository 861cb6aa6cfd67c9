// Phi-3's rotary settings in GGUF: the longrope factors are two tensors, only their original length and attention factor are keys
// (llama.cpp conversion/phi.py). Everything else is the common field.
import type { DerivedTensor } from '@fs/arch'
import { type Field, shortestDecimal } from '@fs/arch/fields'
import { type RopeParameters, rope } from '@fs/arch/rope'

const LONG = 'rope_factors_long.weight'
const SHORT = 'rope_factors_short.weight'

export const phi3Rope = (): Field<RopeParameters> => {
  const common = rope({ dimensions: (view) => view.number('rope.dimension_count') ?? 0 })
  return {
    ...common,
    fromGguf: (view) => {
      const parameters = common.fromGguf(view)
      const long = view.values(LONG)
      const short = view.values(SHORT)
      if (long === undefined || short === undefined) return parameters
      return {
        ...parameters,
        declaredType: 'longrope',
        scaling: {
          kind: 'longrope',
          shortFactors: [...short].map(shortestDecimal),
          longFactors: [...long].map(shortestDecimal),
          originalContextLength: view.number('rope.scaling.original_context_length') ?? view.number('context_length') ?? 0,
          attentionFactor: shortestDecimal(view.number('rope.scaling.attn_factor') ?? 1),
        },
      }
    },
    toGguf: ({ base, scaling }) => [
      ...(scaling.kind === 'longrope'
        ? [['rope.scaling.attn_factor', { type: 'FLOAT32', value: Math.fround(scaling.attentionFactor) }] as const]
        : []),
      ['rope.freq_base', { type: 'FLOAT32', value: Math.fround(base) }],
    ],
  }
}

export function longRopeTensors({ scaling }: RopeParameters): readonly DerivedTensor[] {
  if (scaling.kind !== 'longrope') return []
  return [
    { name: LONG, values: Float32Array.from(scaling.longFactors) },
    { name: SHORT, values: Float32Array.from(scaling.shortFactors) },
  ]
}
