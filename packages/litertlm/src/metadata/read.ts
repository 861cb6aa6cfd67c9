// Reads a bundle's metadata. Fields nobody knows are skipped, as protobuf has it; known ones of another type are refused.
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { FsError } from '@fs/core'
import { litertlmError } from '../errors.ts'
import { CHANNEL, LLM_METADATA, PROMPT_AFFIXES, PROMPT_TEMPLATES, SAMPLER_PARAMETERS, TOKEN_IDS, TOKEN_UNION } from './fields.ts'
import {
  type Affixes,
  type Channel,
  type LlmMetadata,
  type MetadataToken,
  MODEL_TYPES,
  type ModelType,
  type PromptTemplates,
  SAMPLER_TYPES,
  type SamplerParameters,
  type SamplerType,
} from './metadata.ts'

/** Metadata is a few kilobytes; the longest known chat templates have some tens of them. */
export const MOST_METADATA_BYTES = 16 * 1024 * 1024

type Fields = { readonly [field: number]: (reader: BinaryReader, type: WireType) => void }

/**
 * @param file its name, for messages
 * @throws FsError `litertlm/metadata` when the bytes are no such message, or a number is none that its field can have
 */
export function readMetadata(bytes: Uint8Array, file: string): LlmMetadata {
  try {
    return metadataOf(bytes)
  } catch (cause) {
    if (FsError.is(cause)) throw cause
    throw litertlmError(
      'litertlm/metadata',
      `${file}: its metadata is damaged (${(cause as Error).message}); download it again`,
      { file },
      cause,
    )
  }
}

function metadataOf(bytes: Uint8Array): LlmMetadata {
  const found: { -readonly [Key in keyof LlmMetadata]?: LlmMetadata[Key] } = {}
  const [stopTokens, channels]: [MetadataToken[], Channel[]] = [[], []]
  readMessage(bytes, {
    [LLM_METADATA.startToken]: message((part) => {
      found.startToken = tokenOf(part)
    }),
    [LLM_METADATA.stopTokens]: message((part) => stopTokens.push(tokenOf(part))),
    [LLM_METADATA.promptTemplates]: message((part) => {
      found.promptTemplates = templatesOf(part)
    }),
    [LLM_METADATA.sampler]: message((part) => {
      found.sampler = samplerOf(part)
    }),
    [LLM_METADATA.maxTokens]: int32((value) => {
      found.maxTokens = value
    }),
    [LLM_METADATA.modelType]: message((part) => {
      const type = modelTypeOf(part)
      if (type !== undefined) found.modelType = type
    }),
    [LLM_METADATA.jinjaTemplate]: text((value) => {
      found.jinjaTemplate = value
    }),
    [LLM_METADATA.channels]: message((part) => channels.push(channelOf(part))),
  })
  return { maxTokens: 0, ...found, stopTokens, channels }
}

function tokenOf(bytes: Uint8Array): MetadataToken {
  let token: MetadataToken = { ids: [] }
  readMessage(bytes, {
    [TOKEN_UNION.ids]: message((part) => {
      const ids: number[] = []
      readMessage(part, {
        [TOKEN_IDS.ids]: (reader, type) => {
          if (type !== WireType.LengthDelimited) {
            ids.push(reader.int32())
            return
          }
          const packed = new BinaryReader(reader.bytes())
          while (packed.pos < packed.len) ids.push(packed.int32())
        },
      })
      token = { ids }
    }),
    [TOKEN_UNION.text]: text((value) => {
      token = { text: value }
    }),
  })
  return token
}

function templatesOf(bytes: Uint8Array): PromptTemplates {
  const templates: { -readonly [Role in keyof PromptTemplates]: Affixes } = {}
  const role = (name: keyof PromptTemplates) =>
    message((part) => {
      templates[name] = affixesOf(part)
    })
  readMessage(bytes, {
    [PROMPT_TEMPLATES.user]: role('user'),
    [PROMPT_TEMPLATES.model]: role('model'),
    [PROMPT_TEMPLATES.system]: role('system'),
  })
  return templates
}

function affixesOf(bytes: Uint8Array): Affixes {
  const affixes = { prefix: '', suffix: '' }
  readMessage(bytes, textFields(PROMPT_AFFIXES, affixes))
  return affixes
}

function channelOf(bytes: Uint8Array): Channel {
  const channel = { name: '', start: '', end: '' }
  readMessage(bytes, textFields(CHANNEL, channel))
  return channel
}

function samplerOf(bytes: Uint8Array): SamplerParameters {
  const sampler: { -readonly [Key in keyof SamplerParameters]: SamplerParameters[Key] } = {
    type: 'unspecified',
    k: 0,
    p: 0,
    temperature: 0,
  }
  readMessage(bytes, {
    [SAMPLER_PARAMETERS.type]: int32((value) => {
      const type = (Object.keys(SAMPLER_TYPES) as SamplerType[]).find((name) => SAMPLER_TYPES[name] === value)
      if (type === undefined) throw new RangeError(`there is no sampler ${value}`)
      sampler.type = type
    }),
    [SAMPLER_PARAMETERS.k]: int32((value) => {
      sampler.k = value
    }),
    [SAMPLER_PARAMETERS.p]: float((value) => {
      sampler.p = value
    }),
    [SAMPLER_PARAMETERS.temperature]: float((value) => {
      sampler.temperature = value
    }),
    [SAMPLER_PARAMETERS.seed]: int32((value) => {
      sampler.seed = value
    }),
  })
  return sampler
}

/** The field that is there is the type; the last one counts, as in any `oneof`. */
function modelTypeOf(bytes: Uint8Array): ModelType | undefined {
  let type: ModelType | undefined
  readMessage(
    bytes,
    Object.fromEntries(
      (Object.keys(MODEL_TYPES) as ModelType[]).map((name) => [
        MODEL_TYPES[name],
        message(() => {
          type = name
        }),
      ]),
    ),
  )
  return type
}

/** Calls the reader of each known field and skips the others; the message must end where its bytes do. */
function readMessage(bytes: Uint8Array, fields: Fields): void {
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    const read = fields[field]
    if (read === undefined) reader.skip(type, field)
    else read(reader, type)
  }
  if (reader.pos !== reader.len) throw new RangeError('it ends inside a field')
}

const expecting =
  <Value>(expected: WireType, take: (reader: BinaryReader) => Value, use: (value: Value) => void) =>
  (reader: BinaryReader, type: WireType): void => {
    if (type !== expected) throw new RangeError(`a field has wire type ${type} instead of ${expected}`)
    use(take(reader))
  }

const message = (use: (bytes: Uint8Array) => void) => expecting(WireType.LengthDelimited, (reader) => reader.bytes(), use)
const text = (use: (value: string) => void) => expecting(WireType.LengthDelimited, (reader) => reader.string(true), use)
const int32 = (use: (value: number) => void) => expecting(WireType.Varint, (reader) => reader.int32(), use)
const float = (use: (value: number) => void) =>
  expecting(
    WireType.Bit32,
    (reader) => reader.float(),
    (value) => {
      if (!Number.isFinite(value)) throw new RangeError('a number is not finite')
      use(value)
    },
  )

function textFields<Name extends string>(numbers: { readonly [Key in Name]: number }, target: { [Key in Name]: string }): Fields {
  return Object.fromEntries(
    (Object.keys(numbers) as Name[]).map((name) => [
      numbers[name],
      text((value) => {
        target[name] = value
      }),
    ]),
  )
}
