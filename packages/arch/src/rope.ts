// The rotary settings of a model as a configuration field: `rope_parameters` (transformers 5), `rope_scaling` and `rope_theta`
// (transformers 4) and GGUF's `rope.*` keys all become one value. The formulas are in `rope-frequencies.ts`.
import type { JsonObject, MetadataValue } from '@fs/core'
import type { GgufView, HuggingFaceView } from './checkpoint-view.ts'
import { archError } from './errors.ts'
import { type Field, type GgufEntry, shortestDecimal } from './fields.ts'
import { llama3Factors, yarnAttentionFactor } from './rope-frequencies.ts'
import type { RopeScaling } from './spec.ts'

export type RopeParameters = {
  readonly base: number
  readonly scaling: RopeScaling
  /** Base of the layers with a sliding window, where it differs (Gemma 3). */
  readonly slidingBase: number | null
  /** The type the checkpoint names, in transformers' words; `dynamic` is not expressible and treated as `default` up to its trained length. */
  readonly declaredType: string
  /** Optional yarn settings exactly as the checkpoint gives them, so that only these are written again. */
  readonly declared: { readonly [key: string]: number }
}

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
function partialRotaryFactor(view: HuggingFaceView): number | undefined {
  return optionalNumber(rawRope(view).global, 'partial_rotary_factor') ?? view.number('partial_rotary_factor', 'rotary_pct', 'rope_pct')
}

/** The part of each head that is rotated, as dimensions and as the share config.json names. */
export type RotatedPart = { readonly dimensions: number; readonly share: number }

/**
 * For families that rotate a part of each head and whose config.json names its share.
 * @param huggingFace the key beside `rope_parameters`, as transformers 4 reads it
 * @param missing the share transformers assumes
 * @param dimensionsOf how llama.cpp's converter counts the dimensions
 */
export function rotatedPart(
  huggingFace: 'partial_rotary_factor' | 'rotary_pct',
  missing: number,
  dimensionsOf: (share: number, hiddenSize: number, heads: number) => number,
): Field<RotatedPart> {
  return {
    fromHuggingFace: (view) => {
      const share = partialRotaryFactor(view) ?? missing
      const [hiddenSize, heads] = [view.integer('hidden_size', 'n_embd') ?? 0, view.integer('num_attention_heads', 'n_head') ?? 1]
      return { dimensions: dimensionsOf(share, hiddenSize, heads), share }
    },
    toHuggingFace: ({ share }) => ({ [huggingFace]: share, rope_parameters: { partial_rotary_factor: share } }),
    floatKeys: [huggingFace, 'partial_rotary_factor'],
    fromGguf: (view) => {
      const dimensions = view.number('rope.dimension_count') ?? headDimensionOf(view)
      return { dimensions, share: dimensions / headDimensionOf(view) }
    },
    toGguf: ({ dimensions }) => [['rope.dimension_count', { type: 'UINT32', value: dimensions }]],
  }
}

const headDimensionOf = (view: GgufView): number =>
  Math.floor((view.number('embedding_length') ?? 0) / (view.number('attention.head_count') ?? 1))

export type RopeOptions = {
  /** What transformers' configuration class assumes; also llama.cpp's 10000 when a GGUF names no base. */
  readonly missingBase?: number
  /** Base of sliding layers when a checkpoint with such layers names none. */
  readonly missingSlidingBase?: number
  /** Rotated dimensions per head: needed to recognise llama3 scaling in a GGUF's `rope_freqs.weight`. */
  readonly dimensions: (view: GgufView) => number
  /** Families for which llama.cpp's converter writes no `rope.freq_base`. */
  readonly omitBase?: true
}

/** Every number of the rope settings but the trained length. */
const FLOAT_KEYS = [
  ...['rope_theta', 'rope_local_base_freq', 'partial_rotary_factor', 'factor', 'low_freq_factor', 'high_freq_factor'],
  ...['attention_factor', 'attn_factor', 'extrapolation_factor', 'beta_fast', 'beta_slow', 'mscale', 'mscale_all_dim'],
]

/** The rope settings of a family. GGUF keys in llama.cpp's order: scaling, then `rope.freq_base`, then `rope.freq_base_swa`. */
export function rope(options: RopeOptions): Field<RopeParameters> {
  const missingBase = options.missingBase ?? 10000
  return {
    fromHuggingFace: (view) => {
      const { global, sliding } = rawRope(view)
      const type = String(global.rope_type ?? global.type ?? 'default')
      const base = optionalNumber(global, 'rope_theta') ?? view.number('rope_theta', 'rotary_emb_base') ?? missingBase
      const slidingBase =
        (sliding && optionalNumber(sliding, 'rope_theta')) ?? view.number('rope_local_base_freq') ?? options.missingSlidingBase ?? null
      const declared = Object.fromEntries(
        ['extrapolation_factor', 'attention_factor', 'attn_factor', 'beta_fast', 'beta_slow', 'mscale', 'mscale_all_dim'].flatMap((key) => {
          const value = optionalNumber(global, key)
          return value === undefined ? [] : [[key, value]]
        }),
      )
      return { base, scaling: scalingOf(type, global, view), slidingBase, declaredType: type, declared }
    },
    toHuggingFace: ropeToHuggingFace,
    floatKeys: FLOAT_KEYS,
    fromGguf: (view) => ropeFromGguf(view, missingBase, options),
    toGguf: (value) => [
      ...scalingEntries(value),
      ...(options.omitBase ? [] : [['rope.freq_base', float32(value.base)] as const]),
      ...(value.slidingBase === null ? [] : [['rope.freq_base_swa', float32(value.slidingBase)] as const]),
    ],
  }
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
  const attentionFactor =
    optionalNumber(rope, 'attention_factor') ?? (factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original)))
  return {
    kind: 'longrope',
    shortFactors: factors('short_factor'),
    longFactors: factors('long_factor'),
    originalContextLength: original,
    attentionFactor,
  }
}

const float32 = (value: number): MetadataValue => ({ type: 'FLOAT32', value: Math.fround(value) })
const string = (value: string): MetadataValue => ({ type: 'STRING', value })

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

function ropeFromGguf(view: GgufView, missingBase: number, options: RopeOptions): RopeParameters {
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
export function recogniseLlama3(factors: Float32Array, base: number, dimensions: number): RopeScaling {
  const factor = factors.at(-1) ?? 1
  for (let originalContextLength = 32; originalContextLength <= 2 ** 20; originalContextLength *= 2) {
    const candidate = { kind: 'llama3', factor, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength } as const
    const expected = llama3Factors(candidate, base, dimensions)
    if (expected.length === factors.length && expected.every((value, pair) => Math.abs(value - factors[pair]!) <= 1e-6 * value))
      return candidate
  }
  return factors.every((value) => value === 1) ? { kind: 'none' } : { kind: 'factors', factors: [...factors] }
}

/** Both spellings at once, so that transformers 4 and 5 read the same model. */
function ropeToHuggingFace({ base, scaling, slidingBase, declared }: RopeParameters): JsonObject {
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
