// JSON as the small files of a model are written: indented, with a line feed at the end.
import type { Json } from '@fs/core'

export function jsonFile(value: Json, indent = 2): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, indent)}\n`)
}
