// The rotary settings of a model as a configuration field: what config.json and GGUF say in several spellings becomes one value.
// The spellings are in `rope-hugging-face.ts` and `rope-gguf.ts`, the formulas in `rope-frequencies.ts`.
import type { Field } from './fields.ts'
import { ropeFromGguf, ropeToGguf } from './rope-gguf.ts'
import { ropeFromHuggingFace, ropeToHuggingFace } from './rope-hugging-face.ts'
import type { RopeOptions, RopeParameters } from './rope-parameters.ts'

export type { RopeOptions, RopeParameters } from './rope-parameters.ts'
export { type RotatedPart, rotatedPart } from './rotated-part.ts'

/** Every number of the rope settings but the trained length. */
const FLOAT_KEYS = [
  ...['rope_theta', 'rope_local_base_freq', 'partial_rotary_factor', 'factor', 'low_freq_factor', 'high_freq_factor'],
  ...['attention_factor', 'attn_factor', 'extrapolation_factor', 'beta_fast', 'beta_slow', 'mscale', 'mscale_all_dim'],
]

/** The rope settings of a family. */
export function rope(options: RopeOptions): Field<RopeParameters> {
  const missingBase = options.missingBase ?? 10000
  return {
    fromHuggingFace: (view) => ropeFromHuggingFace(view, missingBase, options),
    toHuggingFace: ropeToHuggingFace,
    floatKeys: FLOAT_KEYS,
    fromGguf: (view) => ropeFromGguf(view, missingBase, options),
    toGguf: (value) => ropeToGguf(value, missingBase, options),
  }
}
