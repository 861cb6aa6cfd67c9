// Plain values (of a params.json, of a training checkpoint) as checkpoint metadata, so that every container describes itself in one form.
import type { JsonObject, MetadataValue } from '@fs/core'
import { isObject } from '../json/read-json-object.ts'

/** A number as INT32 when it is one, else FLOAT64: what was a whole number stays one. */
function plainValue(value: number | string | boolean): MetadataValue {
  switch (typeof value) {
    case 'string':
      return { type: 'STRING', value }
    case 'boolean':
      return { type: 'BOOL', value }
    default:
      return { type: Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 'INT32' : 'FLOAT64', value }
  }
}

/** Plain values by name. */
export function scalarsToMetadata(scalars: ReadonlyMap<string, number | string | boolean>): Map<string, MetadataValue> {
  return new Map([...scalars].map(([key, value]) => [key, plainValue(value)]))
}

/** The plain values of a JSON object, nested ones by dotted name behind `prefix`; lists and nulls are left out. */
export function flattenToMetadata(object: JsonObject, prefix: string): Map<string, MetadataValue> {
  const metadata = new Map<string, MetadataValue>()
  for (const [key, value] of Object.entries(object)) {
    if (isObject(value)) for (const [name, inner] of flattenToMetadata(value, `${prefix}${key}.`)) metadata.set(name, inner)
    else if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean')
      metadata.set(`${prefix}${key}`, plainValue(value))
  }
  return metadata
}
