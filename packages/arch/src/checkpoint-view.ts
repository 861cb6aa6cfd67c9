// What an architecture may look at when it reads a model: configuration values and the shapes of the tensors beside them.
// Access is checked and names the key; nothing here knows any particular architecture.
import type { Json, JsonObject, MetadataValue } from '@fs/core'
import { archError } from './errors.ts'

/** Names and shapes of the stored tensors, as the file spells them. */
export type TensorShapes = ReadonlyMap<string, readonly number[]>

/** A Hugging Face checkpoint: `config.json` with the spellings of transformers 4 and 5 brought together, and the tensors' shapes. */
export type HuggingFaceView = {
  readonly raw: JsonObject
  readonly tensors: TensorShapes
  /** Tokens the tokenizer files define, where they were read before: some checkpoints pad their embedding beyond it. */
  readonly tokenizerSize: number | undefined
  /** The first of these keys that is present and not null; dots reach into objects. */
  readonly get: (...keys: readonly string[]) => Json | undefined
  readonly number: (...keys: readonly string[]) => number | undefined
  readonly integer: (...keys: readonly string[]) => number | undefined
  readonly boolean: (...keys: readonly string[]) => boolean | undefined
  readonly string: (...keys: readonly string[]) => string | undefined
}

/** A GGUF file: its metadata with `{arch}.` filled in, shapes, and the few small tensors that hold settings (rope factors). */
export type GgufView = {
  readonly architecture: string
  readonly metadata: ReadonlyMap<string, MetadataValue>
  readonly tensors: TensorShapes
  readonly number: (key: string) => number | undefined
  readonly boolean: (key: string) => boolean | undefined
  readonly string: (key: string) => string | undefined
  /** Values of a tensor that is part of the configuration, read before the view was made. */
  readonly values: (tensor: string) => Float32Array | undefined
}

const invalid = (key: string, wanted: string, value: unknown) =>
  archError('arch/config-invalid', `config.json: ${key} is ${JSON.stringify(value)}, but ${wanted} is needed`, { key })

/**
 * Opens a raw `config.json`: the text model's part of a multimodal one is merged over the root, as llama.cpp does (conversion/base.py).
 */
export function huggingFaceView(config: JsonObject, tensors: TensorShapes, tokenizerSize?: number): HuggingFaceView {
  const text = config.text_config
  const raw: JsonObject =
    text !== null && typeof text === 'object' && !Array.isArray(text) ? { ...config, ...(text as JsonObject) } : config
  const get = (...keys: readonly string[]): Json | undefined => {
    for (const key of keys) {
      let value: Json | undefined = raw
      for (const part of key.split('.')) {
        value =
          value !== null && typeof value === 'object' && !Array.isArray(value) && Object.hasOwn(value, part)
            ? (value as JsonObject)[part]
            : undefined
      }
      if (value !== undefined && value !== null) return value
    }
    return undefined
  }
  const typed =
    <T extends Json>(accept: (value: Json) => value is T, wanted: string) =>
    (...keys: readonly string[]): T | undefined => {
      const value = get(...keys)
      if (value === undefined) return undefined
      if (!accept(value)) throw invalid(keys.join(' or '), wanted, value)
      return value
    }
  return {
    raw,
    tensors,
    tokenizerSize,
    get,
    number: typed((value): value is number => typeof value === 'number' && Number.isFinite(value), 'a finite number'),
    integer: typed((value): value is number => Number.isSafeInteger(value) && (value as number) >= 0, 'a whole number of at least 0'),
    boolean: typed((value): value is boolean => typeof value === 'boolean', 'true or false'),
    string: typed((value): value is string => typeof value === 'string', 'a string'),
  }
}

/** @param values small tensors already read, by name */
export function ggufView(
  metadata: ReadonlyMap<string, MetadataValue>,
  tensors: TensorShapes,
  values: ReadonlyMap<string, Float32Array> = new Map(),
): GgufView {
  const architectureValue = metadata.get('general.architecture')
  if (architectureValue?.type !== 'STRING') {
    throw archError('arch/config-missing', 'the GGUF file has no general.architecture, so nobody can tell what it holds', {
      key: 'general.architecture',
    })
  }
  const architecture = architectureValue.value
  const named = (key: string) => metadata.get(fullKey(key, architecture))
  return {
    architecture,
    metadata,
    tensors,
    number: (key) => {
      const entry = named(key)
      if (entry === undefined) return undefined
      if (entry.type === 'ARRAY' || entry.type === 'STRING' || entry.type === 'BOOL')
        throw invalid(fullKey(key, architecture), 'a number', entry.type)
      return Number(entry.value)
    },
    boolean: (key) => {
      const entry = named(key)
      if (entry !== undefined && entry.type !== 'BOOL') throw invalid(fullKey(key, architecture), 'true or false', entry.type)
      return entry?.value
    },
    string: (key) => {
      const entry = named(key)
      if (entry !== undefined && entry.type !== 'STRING') throw invalid(fullKey(key, architecture), 'a string', entry.type)
      return entry?.value
    },
    values: (tensor) => values.get(tensor),
  }
}

/** `{arch}.` goes before every key but those of the `general.` and `tokenizer.` groups. */
export function fullKey(key: string, architecture: string): string {
  return key.startsWith('general.') || key.startsWith('tokenizer.') ? key : `${architecture}.${key}`
}
