// What a bundle says of its model besides the graph: `LlmMetadata` in our words. The bytes are in `read.ts` and `write.ts`.
// Source: `runtime/proto/llm_metadata.proto`, `token.proto`, `sampler_params.proto` and `llm_model_type.proto` of google-ai-edge/LiteRT-LM.

/** A token by its ids (several where one word takes several), or by its text, which the engine encodes. */
export type MetadataToken = { readonly ids: readonly number[] } | { readonly text: string }

/** What is written around a message of one role. */
export type Affixes = { readonly prefix: string; readonly suffix: string }

export type PromptTemplates = { readonly user?: Affixes; readonly model?: Affixes; readonly system?: Affixes }

/** By their number in `SamplerParameters.Type`. */
export const SAMPLER_TYPES = { unspecified: 0, 'top-k': 1, 'top-p': 2, greedy: 3 } as const satisfies { readonly [type: string]: number }

export type SamplerType = keyof typeof SAMPLER_TYPES

export type SamplerParameters = {
  readonly type: SamplerType
  readonly k: number
  readonly p: number
  readonly temperature: number
  readonly seed?: number
}

/**
 * Which handling of messages the engine chooses, by field number in `LlmModelType`. Field 13 (`gemma3270m`) is refused by engine 0.17.1, for which
 * `gemma3` stands in.
 */
export const MODEL_TYPES = {
  generic: 1,
  gemma3n: 2,
  'function-gemma': 3,
  gemma3: 4,
  qwen3: 5,
  'qwen2.5': 7,
  gemma4: 8,
  'fast-vlm': 9,
  lfm2: 11,
  minicpm5: 12,
  'gemma3-270m': 13,
} as const satisfies { readonly [type: string]: number }

export type ModelType = keyof typeof MODEL_TYPES

/** Part of an answer that is kept apart, as thoughts are. */
export type Channel = { readonly name: string; readonly start: string; readonly end: string }

export type LlmMetadata = {
  /** Put before a prompt by the engine, which is why no template may write it. */
  readonly startToken?: MetadataToken
  readonly stopTokens: readonly MetadataToken[]
  /** Used by plain sessions; conversations use them where there is no Jinja template. */
  readonly promptTemplates?: PromptTemplates
  readonly sampler?: SamplerParameters
  /** Prompt and answer together; more than the cache holds would be a promise nobody keeps. */
  readonly maxTokens: number
  /** Undefined where the file says nothing, or a number nobody knows. */
  readonly modelType?: ModelType
  readonly jinjaTemplate?: string
  readonly channels: readonly Channel[]
}
