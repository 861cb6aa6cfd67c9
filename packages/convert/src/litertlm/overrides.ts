// What a person may say of a bundle's metadata instead of what was found (`--metadata FILE`): names as inspect shows them.
import { MODEL_TYPES, type ModelType, SAMPLER_TYPES, type SamplerType } from '@fs/litertlm/metadata'
import * as z from 'zod'
import { convertError } from '../errors.ts'

const id = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)
const affixes = z.strictObject({ prefix: z.string(), suffix: z.string() })

const OVERRIDES = z.strictObject({
  start_token: id.nullable().optional(),
  stop_tokens: z.array(id).optional(),
  max_tokens: id.optional(),
  model_type: z.enum(Object.keys(MODEL_TYPES) as [ModelType, ...ModelType[]]).optional(),
  jinja_template: z.string().nullable().optional(),
  prompt_templates: z.strictObject({ user: affixes.optional(), model: affixes.optional(), system: affixes.optional() }).optional(),
  sampler: z
    .strictObject({
      type: z.enum(Object.keys(SAMPLER_TYPES) as [SamplerType, ...SamplerType[]]),
      k: id,
      p: z.number().min(0).max(1),
      temperature: z.number().min(0),
      seed: id,
    })
    .partial()
    .optional(),
})

export type BundleOverrides = z.infer<typeof OVERRIDES>

/** @throws FsError `convert/bundle-metadata` that names the first key that is wrong */
export function parseBundleOverrides(value: unknown): BundleOverrides {
  const parsed = OVERRIDES.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = issue!.path.length === 0 ? 'the object' : issue!.path.join('.')
  throw convertError('convert/bundle-metadata', `metadata of a bundle: ${place}: ${issue!.message}`, { key: place })
}
