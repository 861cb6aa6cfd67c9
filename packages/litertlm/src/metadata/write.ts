// Writes a bundle's metadata as the protobuf the engine reads. What to write is decided by whoever calls.
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { litertlmError } from '../errors.ts'
import { CHANNEL, LLM_METADATA, PROMPT_AFFIXES, PROMPT_TEMPLATES, SAMPLER_PARAMETERS, TOKEN_IDS, TOKEN_UNION } from './fields.ts'
import { type Affixes, type LlmMetadata, type MetadataToken, MODEL_TYPES, SAMPLER_TYPES, type SamplerParameters } from './metadata.ts'

/**
 * The bytes of an `llm-metadata` section.
 * @throws FsError `litertlm/unwritable` for a number that its field cannot hold
 */
export function writeMetadata(metadata: LlmMetadata): Uint8Array {
  const writer = new BinaryWriter()
  const message = (field: number, bytes: Uint8Array) => writer.tag(field, WireType.LengthDelimited).bytes(bytes)
  if (metadata.startToken !== undefined) message(LLM_METADATA.startToken, tokenMessage(metadata.startToken))
  for (const token of metadata.stopTokens) message(LLM_METADATA.stopTokens, tokenMessage(token))
  if (metadata.promptTemplates !== undefined) {
    const templates = new BinaryWriter()
    for (const role of ['user', 'model', 'system'] as const) {
      const affixes = metadata.promptTemplates[role]
      if (affixes !== undefined) templates.tag(PROMPT_TEMPLATES[role], WireType.LengthDelimited).bytes(affixesMessage(affixes))
    }
    message(LLM_METADATA.promptTemplates, templates.finish())
  }
  if (metadata.sampler !== undefined) message(LLM_METADATA.sampler, samplerMessage(metadata.sampler))
  writer.tag(LLM_METADATA.maxTokens, WireType.Varint).int32(int32(metadata.maxTokens, 'the maximum number of tokens'))
  if (metadata.modelType !== undefined) {
    const type = new BinaryWriter().tag(MODEL_TYPES[metadata.modelType], WireType.LengthDelimited).bytes(new Uint8Array())
    message(LLM_METADATA.modelType, type.finish())
  }
  if (metadata.jinjaTemplate !== undefined) writer.tag(LLM_METADATA.jinjaTemplate, WireType.LengthDelimited).string(metadata.jinjaTemplate)
  for (const { name, start, end } of metadata.channels) {
    const channel = new BinaryWriter()
    text(channel, CHANNEL.name, name)
    text(channel, CHANNEL.start, start)
    text(channel, CHANNEL.end, end)
    message(LLM_METADATA.channels, channel.finish())
  }
  return writer.finish()
}

function tokenMessage(token: MetadataToken): Uint8Array {
  const writer = new BinaryWriter()
  if ('text' in token) return writer.tag(TOKEN_UNION.text, WireType.LengthDelimited).string(token.text).finish()
  const packed = new BinaryWriter()
  for (const id of token.ids) packed.int32(int32(id, 'a token id'))
  const ids = new BinaryWriter().tag(TOKEN_IDS.ids, WireType.LengthDelimited).bytes(packed.finish())
  return writer.tag(TOKEN_UNION.ids, WireType.LengthDelimited).bytes(ids.finish()).finish()
}

function affixesMessage({ prefix, suffix }: Affixes): Uint8Array {
  const writer = new BinaryWriter()
  text(writer, PROMPT_AFFIXES.prefix, prefix)
  text(writer, PROMPT_AFFIXES.suffix, suffix)
  return writer.finish()
}

function samplerMessage({ type, k, p, temperature, seed }: SamplerParameters): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(SAMPLER_PARAMETERS.type, WireType.Varint).int32(SAMPLER_TYPES[type])
  writer.tag(SAMPLER_PARAMETERS.k, WireType.Varint).int32(int32(k, 'top-k'))
  writer.tag(SAMPLER_PARAMETERS.p, WireType.Bit32).float(p)
  writer.tag(SAMPLER_PARAMETERS.temperature, WireType.Bit32).float(temperature)
  if (seed !== undefined) writer.tag(SAMPLER_PARAMETERS.seed, WireType.Varint).int32(int32(seed, 'the seed'))
  return writer.finish()
}

/** An empty string is a field's default and is not written (proto3). */
function text(writer: BinaryWriter, field: number, value: string): void {
  if (value !== '') writer.tag(field, WireType.LengthDelimited).string(value)
}

function int32(value: number, what: string): number {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 31) return value
  throw litertlmError('litertlm/unwritable', `${what} is ${value}; it has to be a whole number below 2^31`, { value })
}
