// Phi-3's rotary settings in GGUF: the longrope factors are two tensors, only their original length and attention factor are keys
// (llama.cpp conversion/phi.py). Everything else is the common field.
import type { DerivedTensor, Notice } from '@fs/arch'
import { type Field, shortestDecimal } from '@fs/arch/fields'
import { type RopeParameters, rope } from '@fs/arch/rope'
import { longRopeAttentionFactor } from '@fs/arch/rope-frequencies'

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
      const context = view.number('context_length') ?? 0
      const originalContextLength = view.number('rope.scaling.original_context_length') ?? context
      return {
        ...parameters,
        declaredType: 'longrope',
        scaling: {
          kind: 'longrope',
          shortFactors: [...short].map(shortestDecimal),
          longFactors: [...long].map(shortestDecimal),
          originalContextLength,
          attentionFactor: attentionFactor(view.number('rope.scaling.attn_factor') ?? 1, context, originalContextLength),
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

/** The file has it in float32; where that is the formula's value, rounded, the formula's is meant. */
function attentionFactor(stored: number, context: number, original: number): number {
  const implied = longRopeAttentionFactor(context / original, original)
  return Math.fround(implied) === Math.fround(stored) ? implied : shortestDecimal(stored)
}

/** llama.cpp chooses by the length of its context, not of the text (src/llama-model.cpp, get_rope_factors). */
export function longRopeNotices({ scaling }: RopeParameters, contextLength: number): readonly Notice[] {
  if (scaling.kind !== 'longrope' || scaling.originalContextLength >= contextLength) return []
  const { originalContextLength: original } = scaling
  const message = `llama.cpp uses the rotary factors for long texts whenever its context is longer than ${original} tokens, the original only for texts that are: with such a context, answers to prompts of up to ${original} tokens differ; run shorter ones with -c ${original}`
  return [{ code: 'gguf/longrope', message }]
}

export function longRopeTensors({ scaling }: RopeParameters): readonly DerivedTensor[] {
  if (scaling.kind !== 'longrope') return []
  return [
    { name: LONG, values: Float32Array.from(scaling.longFactors) },
    { name: SHORT, values: Float32Array.from(scaling.shortFactors) },
  ]
}
