// The arithmetic of scaled rotary embeddings: what the formulas of `RopeScaling` mean, in one place for every consumer.
// It builds no tables of angles; those belong to whoever runs a model.
import type { RopeScaling } from './spec.ts'

const f32 = Math.fround

/** A number over a float32 tensor as PyTorch computes it: the reciprocal first, then the product. Plain division differs in the last bit. */
const divide = (numerator: number, denominator: number): number => f32(f32(numerator) * f32(1 / denominator))

/**
 * Divisors of the frequencies under llama3 scaling, one for each of `dimensions / 2` pairs, as llama.cpp stores them in
 * `rope_freqs.weight`. Every step is rounded to float32 because the reference runs on float32 tensors
 * (conversion/llama.py, generate_extra_tensors; transformers modeling_rope_utils.py, _compute_llama3_parameters).
 */
export function llama3Factors(scaling: Extract<RopeScaling, { kind: 'llama3' }>, base: number, dimensions: number): Float32Array {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContextLength: original } = scaling
  const factors = new Float32Array(dimensions / 2)
  for (let pair = 0; pair < factors.length; pair++) {
    const frequency = f32(1 / f32(base ** f32((2 * pair) / dimensions)))
    const wavelength = divide(2 * Math.PI, frequency)
    if (wavelength < original / high) factors[pair] = 1
    else if (wavelength > original / low) factors[pair] = factor
    else {
      const smooth = f32(f32(divide(original, wavelength) - low) / (high - low))
      factors[pair] = f32(1 / f32(f32(f32(1 - smooth) / factor) + smooth))
    }
  }
  return factors
}

/**
 * Angle per position of each rotated pair, and the factor on cosines and sines, in double precision.
 * Formulas: transformers modeling_rope_utils.py; yarn after Peng et al. 2023 (arXiv 2309.00071).
 * @param sequenceLength decides between the short and long factors of longrope; elsewhere without effect
 */
export function ropeFrequencies(
  rope: { readonly base: number; readonly dimensions: number; readonly scaling: RopeScaling },
  sequenceLength = 0,
): { readonly frequencies: Float64Array; readonly attentionFactor: number } {
  const { base, dimensions, scaling } = rope
  const plain = Float64Array.from({ length: dimensions / 2 }, (_, pair) => base ** ((-2 * pair) / dimensions))
  const divided = (factors: ArrayLike<number>) => plain.map((frequency, pair) => frequency / factors[pair]!)
  switch (scaling.kind) {
    case 'none':
      return { frequencies: plain, attentionFactor: 1 }
    case 'linear':
      return { frequencies: plain.map((frequency) => frequency / scaling.factor), attentionFactor: 1 }
    case 'llama3':
      return { frequencies: divided(llama3Factors(scaling, base, dimensions)), attentionFactor: 1 }
    case 'factors':
      return { frequencies: divided(scaling.factors), attentionFactor: 1 }
    case 'longrope':
      return {
        frequencies: divided(sequenceLength > scaling.originalContextLength ? scaling.longFactors : scaling.shortFactors),
        attentionFactor: scaling.attentionFactor,
      }
    case 'yarn':
      return { frequencies: yarnFrequencies(scaling, base, dimensions, plain), attentionFactor: scaling.attentionFactor }
    default:
      return scaling satisfies never
  }
}

function yarnFrequencies(
  scaling: Extract<RopeScaling, { kind: 'yarn' }>,
  base: number,
  dimensions: number,
  plain: Float64Array,
): Float64Array {
  const dimensionOf = (rotations: number) =>
    (dimensions * Math.log(scaling.originalContextLength / (rotations * 2 * Math.PI))) / (2 * Math.log(base))
  const round = (value: number, to: (value: number) => number) => (scaling.truncate ? to(value) : value)
  const low = Math.max(round(dimensionOf(scaling.betaFast), Math.floor), 0)
  let high = Math.min(round(dimensionOf(scaling.betaSlow), Math.ceil), dimensions - 1)
  // transformers widens an empty ramp by this much to avoid a division by zero.
  if (low === high) high += 0.001
  return plain.map((frequency, pair) => {
    const interpolated = Math.min(Math.max((pair - low) / (high - low), 0), 1)
    return (frequency / scaling.factor) * interpolated + frequency * (1 - interpolated)
  })
}

/** What transformers multiplies cosines and sines by where longrope names no factor itself (modeling_rope_utils.py, _compute_longrope_parameters). */
export function longRopeAttentionFactor(stretch: number, originalContextLength: number): number {
  return stretch <= 1 ? 1 : Math.sqrt(1 + Math.log(stretch) / Math.log(originalContextLength))
}

/** The attention factor yarn prescribes when a configuration names none: 0.1 ln(factor) + 1. */
export function yarnAttentionFactor(factor: number): number {
  return factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1
}
