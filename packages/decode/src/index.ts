// Everything needed to turn a prompt into text. Constraints and model settings have subpaths of their own.
export type { Logprobs, TokenLogprob } from './choose/logprobs.ts'
export { type Prompt, promptTokens, type TextCodec } from './codec.ts'
export { type DecodingConfig, GREEDY, type LookupConfig, type Strategy } from './config.ts'
export type { Constraint, ConstraintState } from './constrain/constraint.ts'
export { type DecodeOptions, decodeBatch, decodeText, streamText } from './decode.ts'
export { createDecoder, type DecodeRequest, type Decoder, type DecoderOptions } from './decoder.ts'
export type { Completed, StreamPart, Usage } from './result.ts'
export type { FinishReason } from './sequence/completion.ts'
