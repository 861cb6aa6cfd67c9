// Rotary settings in GGUF: the `rope.*` keys, and the divisors of `rope_freqs.weight`, by which llama.cpp's `llama` learns of llama3 scaling.
// Spellings of config.json are in `rope-hugging-face.ts`.
import type { MetadataValue } from '@fs/core'
import type { GgufView } from './checkpoint-view.ts'
import { archError } from './errors.ts'
import { type GgufEntry, shortestDecimal } from './fields.ts'
import { llama3Factors, yarnAttentionFactor } from './rope-frequencies.ts'
import type { RopeOptions, RopeParameters } from './rope-parameters.ts'
import type { RopeScaling } from './spec.ts'

const float32 = (value: number): MetadataValue => ({ type: 'FLOAT32', value: Math.fround(value) })
const string = (value: string): MetadataValue => ({ type: 'STRING', value })

/** GGUF's keys for these settings, in llama.cpp's order: scaling, then `rope.freq_base`, then `rope.freq_base_swa`. */
export function ropeToGguf(value: RopeParameters, missingBase: number, options: RopeOptions): readonly GgufEntry[] {
  return [
    ...scalingEntries(value),
    ...(options.omitBase && value.base === missingBase ? [] : [['rope.freq_base', float32(value.base)] as const]),
    ...(value.slidingBase === null ? [] : [['rope.freq_base_swa', float32(value.slidingBase)] as const]),
  ]
}

function scalingEntries({ scaling, declared }: RopeParameters): readonly GgufEntry[] {
  switch (scaling.kind) {
    case 'linear':
      return [
        ['rope.scaling.type', string('linear')],
        ['rope.scaling.factor', float32(scaling.factor)],
      ]
    case 'yarn': {
      const optional: readonly (readonly [string, number | undefined])[] = [
        ['rope.scaling.yarn_ext_factor', declared.extrapolation_factor],
        ['rope.scaling.yarn_attn_factor', declared.attention_factor ?? declared.attn_factor],
        ['rope.scaling.yarn_beta_fast', declared.beta_fast],
        ['rope.scaling.yarn_beta_slow', declared.beta_slow],
      ]
      return [
        ['rope.scaling.type', string('yarn')],
        ['rope.scaling.factor', float32(scaling.factor)],
        ['rope.scaling.original_context_length', { type: 'UINT32', value: scaling.originalContextLength }],
        ...optional.flatMap(([key, value]) => (value === undefined ? [] : [[key, float32(value)] as const])),
      ]
    }
    case 'longrope':
      return [['rope.scaling.type', string('longrope')]]
    case 'none':
    case 'llama3':
    case 'factors':
      return []
    default:
      return scaling satisfies never
  }
}

/**
 * The rotary settings of a GGUF file.
 * @throws FsError `arch/rope-unknown` for a kind of scaling this toolkit has no formula for.
 */
export function ropeFromGguf(view: GgufView, missingBase: number, options: RopeOptions): RopeParameters {
  const read = (key: string) => {
    const value = view.number(key)
    return value === undefined ? undefined : shortestDecimal(value)
  }
  const base = read('rope.freq_base') ?? missingBase
  const slidingBase = read('rope.freq_base_swa') ?? options.missingSlidingBase ?? null
  const type = view.string('rope.scaling.type') ?? 'none'
  const context = view.number('context_length') ?? 0
  const done = (scaling: RopeScaling, declaredType: string, declared = {}): RopeParameters => ({
    base,
    scaling,
    slidingBase,
    declaredType,
    declared,
  })
  const factors = view.values('rope_freqs.weight')
  if (factors !== undefined) {
    const scaling = recogniseLlama3(factors, base, options.dimensions(view))
    return done(scaling, scaling.kind === 'llama3' ? 'llama3' : 'default')
  }
  switch (type) {
    case 'none':
      return done({ kind: 'none' }, 'default')
    case 'linear': {
      const factor = read('rope.scaling.factor') ?? 1
      return factor === 1 ? done({ kind: 'none' }, 'default') : done({ kind: 'linear', factor }, 'linear')
    }
    case 'yarn': {
      const factor = read('rope.scaling.factor') ?? 1
      const keys = {
        extrapolation_factor: 'yarn_ext_factor',
        attention_factor: 'yarn_attn_factor',
        beta_fast: 'yarn_beta_fast',
        beta_slow: 'yarn_beta_slow',
      }
      const declared = Object.fromEntries(
        Object.entries(keys).flatMap(([name, key]) => {
          const value = read(`rope.scaling.${key}`)
          return value === undefined ? [] : [[name, value]]
        }),
      )
      const originalContextLength = view.number('rope.scaling.original_context_length') ?? context
      const { beta_fast = 32, beta_slow = 1, attention_factor = yarnAttentionFactor(factor) } = declared
      return done(
        {
          kind: 'yarn',
          factor,
          originalContextLength,
          betaFast: beta_fast,
          betaSlow: beta_slow,
          attentionFactor: attention_factor,
          truncate: true,
        },
        'yarn',
        declared,
      )
    }
    case 'longrope':
      return done({ kind: 'none' }, 'longrope')
    default:
      throw archError('arch/rope-unknown', `GGUF: rope scaling type "${type}" is unknown`, { type })
  }
}

/**
 * Finds the llama3 settings whose formula gives exactly these divisors. Low and high frequency factors are 1 and 4 in every published
 * model; the original length is a power of two. Anything else is kept as the bare numbers.
 */
function recogniseLlama3(factors: Float32Array, base: number, dimensions: number): RopeScaling {
  const factor = factors.at(-1) ?? 1
  // The dimensions are a number from the file: nothing is computed for them unless so many divisors are really there.
  const longest = factors.length * 2 === dimensions ? 2 ** 20 : 0
  for (let originalContextLength = 32; originalContextLength <= longest; originalContextLength *= 2) {
    const candidate = { kind: 'llama3', factor, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength } as const
    const expected = llama3Factors(candidate, base, dimensions)
    if (expected.every((value, pair) => Math.abs(value - factors[pair]!) <= 1e-6 * value)) return candidate
  }
  return factors.every((value) => value === 1) ? { kind: 'none' } : { kind: 'factors', factors: [...factors] }
}
