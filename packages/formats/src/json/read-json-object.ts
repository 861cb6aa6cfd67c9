// Reads a small JSON file of a checkpoint (config.json and its like) the way transformers does. Not for tokenizer.json, which is large.
import type { Folder, Json, JsonObject } from '@fs/core'
import { fail } from '../errors.ts'
import { parseJson } from './parse.ts'

/** Bytes of a configuration or index file. The largest known index, of a model with 90 000 tensors, has 8 MB. */
const MAX_BYTES = 64 * 1024 * 1024

/**
 * The object in `name` of `folder`. NaN and Infinity are understood in both of transformers' spellings: bare, and as
 * `{"__float__": "Infinity"}` (transformers 5, configuration_utils.py). Of a repeated key the last counts, as in Python.
 * @throws FsError folder/not-found, json/too-large, json/syntax, json/too-deep, json/not-an-object
 */
export async function readJsonObject(folder: Folder, name: string): Promise<JsonObject> {
  const value = await readJson(folder, name)
  if (!isObject(value)) throw fail('json/not-an-object', `${name} holds no JSON object`, { file: name })
  return untagged(value) as JsonObject
}

/** Whatever value is in `name` of `folder`. @throws FsError folder/not-found, json/too-large, json/syntax, json/too-deep */
export async function readJson(folder: Folder, name: string): Promise<Json> {
  const source = await folder.open(name)
  try {
    if (source.size > MAX_BYTES)
      throw fail('json/too-large', `${name} has ${source.size} bytes; a configuration has at most ${MAX_BYTES}`, { file: name })
    const text = new TextDecoder('utf-8').decode(await source.read(0, source.size))
    return parseJson(text, { name, numbers: 'python', duplicateKeys: 'last' })
  } finally {
    await source.close()
  }
}

/** True for a JSON object, as opposed to an array, a primitive or null. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const TAGGED: ReadonlyMap<Json | undefined, number> = new Map<Json | undefined, number>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

function untagged(value: Json): Json {
  if (Array.isArray(value)) return value.map(untagged)
  if (!isObject(value)) return value
  const keys = Object.keys(value)
  const number = keys.length === 1 ? TAGGED.get(value.__float__) : undefined
  if (number !== undefined) return number
  const copy: { [key: string]: Json } = Object.create(null)
  for (const key of keys) copy[key] = untagged(value[key]!)
  return copy
}
