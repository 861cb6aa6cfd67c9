// `defineArch`: turns a family's tables into the object everybody else works with, forgetting the types of its configuration.
// It holds no knowledge of any family.
import { FsError, type JsonObject, type MetadataValue } from '@fs/core'
import { fullKey, type GgufView, type HuggingFaceView } from './checkpoint-view.ts'
import { archError } from './errors.ts'
import { type ConfigOf, configFromGguf, configFromHuggingFace, type Fields } from './fields.ts'
import { type LeftOutPart, leftOutNotices } from './left-out.ts'
import type { ModelSpec } from './spec.ts'
import { expandWeights, type WeightName, type WeightRow } from './weights.ts'

/** Something a person should know about this conversion: what a container cannot express, or what was assumed. */
export type Notice = { readonly code: string; readonly message: string }

/** Habits of a family's vocabulary that no tokenizer file states. */
export type VocabularyTraits = {
  /** The BPE pre-tokenizer's GGUF name to write where several names split alike. */
  readonly preferredPre?: string
  /** Phi-3 takes the tokens added in tokenizer.json too, as they are flagged there. */
  readonly addedTokens?: 'tokenizer.json'
  readonly addSpacePrefix?: boolean
  /** Whether `add_prefix_space` of tokenizer_config.json is written as `add_space_prefix` (llama.cpp does so for `llama` only). */
  readonly spacePrefixFromTokenizerConfig?: true
  readonly addBos?: boolean
  /** Token ids llama.cpp's converter writes by constant, by GGUF key without `tokenizer.ggml.` (CodeLlama's infill tokens). */
  readonly tokenIds?: { readonly [key: string]: number }
}

/** A tensor that is computed from the configuration and stored only in GGUF (rope factors). */
export type DerivedTensor = { readonly name: string; readonly values: Float32Array }

/** A model of one architecture, read from either world. Everything else derives from this. */
export type Description = {
  readonly architecture: Architecture
  /** The values of the architecture's fields: plain JSON, enough to make this description again (`Architecture.fromConfig`). */
  readonly config: JsonObject
  readonly spec: ModelSpec
  readonly weights: readonly WeightRow[]
  /** Architecture keys in llama.cpp's order, prefix included; `general.file_type` is a marker whose value the writer sets. */
  readonly ggufMetadata: readonly (readonly [key: string, value: MetadataValue])[]
  readonly derivedTensors: readonly DerivedTensor[]
  /** The parts of config.json that describe the architecture. */
  readonly huggingFaceConfig: JsonObject
  /** Its keys, at any depth, whose numbers are floats even where they are whole. */
  readonly floatKeys: ReadonlySet<string>
  readonly vocabulary: VocabularyTraits
  readonly notices: readonly Notice[]
  /** Why llama.cpp could not run a GGUF of this model, or undefined when it can; completes "… cannot be a GGUF: ". */
  readonly notInGguf: string | undefined
}

export type Architecture = {
  /** Our name for it: lower case, the folder's name. */
  readonly id: string
  /** What a person reads in `models`. */
  readonly title: string
  readonly ggufArchitecture: string
  readonly huggingFaceArchitectures: readonly string[]
  readonly modelTypes: readonly string[]
  /** Published checkpoints it is known to read, `org/name`. */
  readonly checkpoints: readonly string[]
  /** Whether a GGUF whose `general.architecture` matches is of this family (Mixtral shares `llama`). */
  readonly matchesGguf: (view: GgufView) => boolean
  /**
   * Standard names of a Hugging Face checkpoint's tensors and how the file spells them: older and inner models brought to one spelling,
   * tensors that hold nothing learned or belong to another task left out, and a tied embedding that was saved as the head taken for what it is.
   * @throws FsError `arch/config-conflict` when two tensors claim one name
   */
  readonly standardNames: (stored: Iterable<string>) => ReadonlyMap<string, string>
  /** Whether `HuggingFaceView.tokenizerSize` is looked at: reading it costs parsing the tokenizer. */
  readonly readsTokenizerSize: boolean
  readonly fromHuggingFace: (view: HuggingFaceView) => Description
  readonly fromGguf: (view: GgufView) => Description
  /** From `Description.config`, as the unified folder keeps it. @throws FsError `arch/config-invalid` when a value is not what the field holds. */
  readonly fromConfig: (config: JsonObject) => Description
}

export type ArchitectureDefinition<Table extends Fields> = {
  readonly id: string
  readonly title: string
  readonly ggufArchitecture: string
  readonly huggingFaceArchitectures: readonly string[]
  readonly modelTypes: readonly string[]
  readonly checkpoints: readonly string[]
  readonly matchesGguf?: (view: GgufView) => boolean
  /** Spellings of tensor names: pattern and replacement, applied in order. */
  readonly aliases?: readonly (readonly [pattern: RegExp, replacement: string])[]
  /** Tensors that hold nothing learned, or nothing that is not in another one. */
  readonly ignored?: readonly RegExp[]
  /** Parts for another task; leaving them out is said. */
  readonly leftOut?: readonly LeftOutPart[]
  /** Standard names of embedding and head where they are not `model.embed_tokens.weight` and `lm_head.weight`. */
  readonly tied?: { readonly embedding: string; readonly head: string }
  /** Set by families that cut their embedding to the tokenizer's size. */
  readonly readsTokenizerSize?: true
  readonly fields: Table
  readonly describe: (config: ConfigOf<Table>) => ModelSpec
  readonly weights: (config: ConfigOf<Table>) => readonly WeightName[]
  readonly derivedTensors?: (config: ConfigOf<Table>) => readonly DerivedTensor[]
  readonly vocabulary?: (config: ConfigOf<Table>) => VocabularyTraits
  readonly notices?: (config: ConfigOf<Table>) => readonly Notice[]
  /** See `Description.notInGguf`. */
  readonly notInGguf?: (config: ConfigOf<Table>) => string | undefined
}

/** Left out of every family's checkpoints (llama.cpp's converter does the same, conversion/base.py). */
const NEVER_LEARNED = [/\.attention\.masked_bias$/, /\.attention\.bias$/, /\.rotary_emb\.inv_freq$/] as const

/**
 * Makes an architecture from its tables. See `CONTRIBUTING.md` for a walk through one.
 * @example export const qwen3 = defineArch({ id: 'qwen3', fields, weights, describe, … })
 */
export function defineArch<const Table extends Fields>(definition: ArchitectureDefinition<Table>): Architecture {
  const { fields, leftOut = [] } = definition
  const ignored = [...NEVER_LEARNED, ...(definition.ignored ?? []), ...leftOut.map(({ tensors }) => tensors)]
  const floatKeys: ReadonlySet<string> = new Set(Object.values(fields).flatMap((field) => field.floatKeys ?? []))
  const describe = (config: ConfigOf<Table>): Description => {
    const spec = definition.describe(config)
    return {
      architecture,
      config: config as JsonObject,
      spec,
      weights: expandWeights(definition.weights(config), spec),
      ggufMetadata: Object.entries(fields).flatMap(([name, field]) =>
        field.toGguf(config[name as keyof Table]).map(([key, value]) => [fullKey(key, definition.ggufArchitecture), value] as const),
      ),
      derivedTensors: definition.derivedTensors?.(config) ?? [],
      huggingFaceConfig: Object.entries(fields).reduce<JsonObject>(
        (merged, [name, field]) => mergeObjects(merged, field.toHuggingFace(config[name as keyof Table])),
        { architectures: definition.huggingFaceArchitectures.slice(0, 1), model_type: definition.modelTypes[0] ?? definition.id },
      ),
      floatKeys,
      vocabulary: definition.vocabulary?.(config) ?? {},
      notices: definition.notices?.(config) ?? [],
      notInGguf: definition.notInGguf?.(config),
    }
  }
  const architecture: Architecture = {
    id: definition.id,
    title: definition.title,
    ggufArchitecture: definition.ggufArchitecture,
    huggingFaceArchitectures: definition.huggingFaceArchitectures,
    modelTypes: definition.modelTypes,
    checkpoints: definition.checkpoints,
    matchesGguf: definition.matchesGguf ?? (() => true),
    readsTokenizerSize: definition.readsTokenizerSize ?? false,
    standardNames: (stored) => standardNames(stored, definition.aliases ?? [], ignored, definition.tied ?? TIED),
    fromHuggingFace: (view) => {
      const names = architecture.standardNames(view.tensors.keys())
      const tensors = new Map([...names].map(([standard, name]) => [standard, view.tensors.get(name)!]))
      const description = describe(configFromHuggingFace(fields, { ...view, tensors }))
      return { ...description, notices: [...leftOutNotices(leftOut, view.tensors.keys()), ...description.notices] }
    },
    fromGguf: (view) => describe(configFromGguf(fields, view)),
    fromConfig: (config) => {
      const missing = Object.keys(fields).find((name) => !Object.hasOwn(config, name))
      if (missing !== undefined)
        throw archError('arch/config-missing', `the ${definition.id} configuration has no ${missing}`, { key: missing })
      for (const [name, field] of Object.entries(fields)) field.check?.(config[name])
      try {
        return describe(config as ConfigOf<Table>)
      } catch (cause) {
        if (FsError.is(cause)) throw cause
        throw archError(
          'arch/config-invalid',
          `the ${definition.id} configuration does not hold what its fields need`,
          { architecture: definition.id },
          cause,
        )
      }
    },
  }
  return architecture
}

const TIED = { embedding: 'model.embed_tokens.weight', head: 'lm_head.weight' } as const

function standardNames(
  stored: Iterable<string>,
  aliases: readonly (readonly [RegExp, string])[],
  ignored: readonly RegExp[],
  tied: { readonly embedding: string; readonly head: string },
): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const name of stored) {
    if (ignored.some((pattern) => pattern.test(name))) continue
    const standard = aliases.reduce((current, [pattern, replacement]) => current.replace(pattern, replacement), name)
    const other = names.get(standard)
    if (other !== undefined) {
      throw archError(
        'arch/config-conflict',
        `tensors ${other} and ${name} are two spellings of ${standard}; the checkpoint is ambiguous`,
        { tensor: name },
      )
    }
    names.set(standard, name)
  }
  // Some tools save the shared matrix of a tied model under the head's name only (seen in published TinyStories models).
  const head = names.get(tied.head)
  if (!names.has(tied.embedding) && head !== undefined) {
    names.delete(tied.head)
    names.set(tied.embedding, head)
  }
  return names
}

/** Two partial configurations together; objects under the same key are merged, so that two fields may write into one. */
function mergeObjects(left: JsonObject, right: JsonObject): JsonObject {
  const result: { [key: string]: JsonObject[string] } = { ...left }
  for (const [key, value] of Object.entries(right)) {
    const existing = result[key]
    const both = isObject(existing) && isObject(value)
    result[key] = both ? mergeObjects(existing, value) : value
  }
  return result
}

function isObject(value: JsonObject[string] | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
