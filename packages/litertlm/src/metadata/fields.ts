// Field numbers of the protobuf messages of a bundle's metadata. Source: `runtime/proto/*.proto` of google-ai-edge/LiteRT-LM.

export const LLM_METADATA = {
  startToken: 1,
  stopTokens: 2,
  promptTemplates: 3,
  sampler: 4,
  maxTokens: 5,
  modelType: 6,
  jinjaTemplate: 7,
  channels: 8,
} as const

/** `ids` is a message of its own, with one packed field. */
export const TOKEN_UNION = { ids: 1, text: 2 } as const
export const TOKEN_IDS = { ids: 1 } as const
export const PROMPT_TEMPLATES = { user: 1, model: 2, system: 3 } as const
export const PROMPT_AFFIXES = { prefix: 1, suffix: 2 } as const
export const CHANNEL = { name: 1, start: 2, end: 3 } as const
export const SAMPLER_PARAMETERS = { type: 1, k: 2, p: 3, temperature: 4, seed: 5 } as const
