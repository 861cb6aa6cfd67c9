// A model's own decoding settings.
export { type ModelSettings, settingsFromGenerationConfig, settingsFromMetadata } from './model-settings.ts'
export { END_TOKEN_NAMES, type StopTokenSources, stopTokens } from './stop-tokens.ts'
