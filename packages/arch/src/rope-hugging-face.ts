// Rotary settings in config.json: `rope_parameters` (transformers 5), and `rope_scaling` beside `rope_theta` (transformers 4).
// It reads both spellings and writes both. GGUF's keys are in `rope-gguf.ts`.
import type { JsonObject } from '@fs/core'
import type { HuggingFaceView } from './checkpoint-view.ts'
import { archError } from './errors.ts'
import { longRopeAttentionFactor, yarnAttentionFactor } from './rope-frequencies.ts'
import type { RopeOptions, RopeParameters } from './rope-parameters.ts'
import type { RopeScaling } from './spec.ts'

/** Dictionaries of `rope_parameters` keyed by layer type, or one for all layers. */
type RawRope = { readonly global: JsonObject; readonly sliding: JsonObject | undefined }

const objectOr = <T>(value: unknown, otherwise: T): JsonObject | T =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : otherwise

function rawRope(view: HuggingFaceView): RawRope {
  const parameters: JsonObject = objectOr(view.get('rope_parameters', 'rope_scaling'), undefined) ?? {}
  const full = objectOr(parameters.full_attention, undefined)
  return { global: full ?? parameters, sliding: objectOr(parameters.sliding_attention, undefined) }
}

const optionalNumber = (source: JsonObject, key: string): number | undefined => {
  const value = source[key]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw archError('arch/config-invalid', `config.json: ${key} of the rope settings is ${JSON.stringify(value)}, but a number is needed`, {
      key,
    })
  }
  return value
}

/** @returns the share of each head that is rotated, from either spelling, or undefined when the whole head is. */
export function partialRotaryFactor(view: HuggingFaceView): number | undefined {
  return optionalNumber(rawRope(view).global, 'partial_rotary_factor') ?? view.number('partial_rotary_factor', 'rotary_pct', 'rope_pct')
}

/** Optional yarn settings: what a checkpoint names is written again, what it leaves out is not. */
const DECLARED_KEYS = ['extrapolation_factor', 'attention_factor', 'attn_factor', 'beta_fast', 'beta_slow', 'mscale', 'mscale_all_dim']

/**
 * The rotary settings of a config.json.
 * @throws FsError `arch/rope-unknown` for a kind of scaling this toolkit has no formula for, `arch/config-missing` and `arch/config-invalid`
 * for settings its kind needs.
 */
export function ropeFromHuggingFace(view: HuggingFaceView, missingBase: number, options: RopeOptions): RopeParameters {
  const { global, sliding } = rawRope(view)
  const type = String(global.rope_type ?? global.type ?? 'default')
  const base = optionalNumber(global, 'rope_theta') ?? view.number('rope_theta', 'rotary_emb_base') ?? missingBase
  const slidingBase =
    (sliding && optionalNumber(sliding, 'rope_theta')) ?? view.number('rope_local_base_freq') ?? options.missingSlidingBase ?? null
  const declared = Object.fromEntries(
    DECLARED_KEYS.flatMap((key) => {
      const value = optionalNumber(global, key)
      return value === undefined ? [] : [[key, value]]
    }),
  )
  return { base, scaling: scalingOf(type, global, view), slidingBase, declaredType: type, declared }
}

function scalingOf(type: string, rope: JsonObject, view: HuggingFaceView): RopeScaling {
  const need = (key: string): number => {
    const value = optionalNumber(rope, key)
    if (value === undefined) throw archError('arch/config-missing', `config.json: rope type ${type} needs ${key}, which is absent`, { key })
    return value
  }
  switch (type) {
    case 'default':
    case 'dynamic':
      return { kind: 'none' }
    case 'linear':
      return { kind: 'linear', factor: need('factor') }
    case 'llama3':
      return {
        kind: 'llama3',
        factor: optionalNumber(rope, 'factor') ?? 8,
        lowFrequencyFactor: optionalNumber(rope, 'low_freq_factor') ?? 1,
        highFrequencyFactor: optionalNumber(rope, 'high_freq_factor') ?? 4,
        originalContextLength: optionalNumber(rope, 'original_max_position_embeddings') ?? 8192,
      }
    case 'yarn': {
      const factor = need('factor')
      return {
        kind: 'yarn',
        factor,
        originalContextLength:
          optionalNumber(rope, 'original_max_position_embeddings') ??
          view.integer('max_position_embeddings') ??
          need('original_max_position_embeddings'),
        betaFast: optionalNumber(rope, 'beta_fast') ?? 32,
        betaSlow: optionalNumber(rope, 'beta_slow') ?? 1,
        attentionFactor: yarnFactor(rope, factor),
        truncate: rope.truncate !== false,
      }
    }
    case 'longrope':
    case 'su':
      return longRope(rope, view)
    default:
      throw archError(
        'arch/rope-unknown',
        `config.json: rope type "${type}" is unknown; converting it as if it were unscaled would give a wrong model`,
        { type },
      )
  }
}

function yarnFactor(rope: JsonObject, factor: number): number {
  const explicit = optionalNumber(rope, 'attention_factor')
  if (explicit !== undefined) return explicit
  const scale = optionalNumber(rope, 'mscale')
  const all = optionalNumber(rope, 'mscale_all_dim')
  const weighted = (weight: number) => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1)
  return scale && all ? weighted(scale) / weighted(all) : yarnAttentionFactor(factor)
}

function longRope(rope: JsonObject, view: HuggingFaceView): RopeScaling {
  const factors = (key: string): readonly number[] => {
    const value = rope[key]
    if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'number')) {
      throw archError('arch/config-missing', `config.json: longrope needs ${key}, a list of numbers`, { key })
    }
    return value as readonly number[]
  }
  const maximum = view.integer('max_position_embeddings')
  const original = optionalNumber(rope, 'original_max_position_embeddings') ?? view.integer('original_max_position_embeddings') ?? maximum
  if (maximum === undefined || original === undefined) {
    throw archError('arch/config-missing', 'config.json: longrope needs max_position_embeddings', { key: 'max_position_embeddings' })
  }
  const factor = optionalNumber(rope, 'factor') ?? maximum / original
  const attentionFactor = optionalNumber(rope, 'attention_factor') ?? longRopeAttentionFactor(factor, original)
  return {
    kind: 'longrope',
    shortFactors: factors('short_factor'),
    longFactors: factors('long_factor'),
    originalContextLength: original,
    attentionFactor,
  }
}

/**
 * Both spellings at once, so that transformers 4 and 5 read the same model.
 * @throws FsError `arch/not-expressible` for bare divisors, which only GGUF can hold.
 */
export function ropeToHuggingFace({ base, scaling, slidingBase, declared }: RopeParameters): JsonObject {
  const common = { rope_type: 'default', ...declared } as { [key: string]: JsonObject[string] }
  switch (scaling.kind) {
    case 'none':
      break
    case 'linear':
      Object.assign(common, { rope_type: 'linear', factor: scaling.factor })
      break
    case 'llama3':
      Object.assign(common, {
        rope_type: 'llama3',
        factor: scaling.factor,
        low_freq_factor: scaling.lowFrequencyFactor,
        high_freq_factor: scaling.highFrequencyFactor,
        original_max_position_embeddings: scaling.originalContextLength,
      })
      break
    case 'yarn':
      Object.assign(common, { rope_type: 'yarn', factor: scaling.factor, original_max_position_embeddings: scaling.originalContextLength })
      break
    case 'longrope':
      Object.assign(common, {
        rope_type: 'longrope',
        short_factor: scaling.shortFactors,
        long_factor: scaling.longFactors,
        original_max_position_embeddings: scaling.originalContextLength,
        attention_factor: scaling.attentionFactor,
      })
      break
    case 'factors':
      throw archError(
        'arch/not-expressible',
        'config.json has no way to give rope divisors that follow no known formula (rope_freqs.weight)',
        {},
      )
    default:
      scaling satisfies never
  }
  const global = { ...common, rope_theta: base }
  const legacy = common.rope_type === 'default' ? {} : { rope_scaling: common }
  if (slidingBase === null) return { rope_theta: base, ...legacy, rope_parameters: global }
  return {
    rope_theta: base,
    rope_local_base_freq: slidingBase,
    ...legacy,
    rope_parameters: { full_attention: global, sliding_attention: { rope_type: 'default', rope_theta: slidingBase } },
  }
}
