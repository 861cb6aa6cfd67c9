// JSON as the small files of a model are written: indented, with a line feed at the end, and floats as Python wants them.
import type { Json } from '@fs/core'

/** Begins strings that stand for numbers until the text is made; no setting of a model has a control character. */
const MARK = '\u0001'

/**
 * @param floatKeys keys at any depth whose whole numbers get a `.0`: transformers 5 refuses an integer where its configuration has a float
 */
export function jsonFile(value: Json, floatKeys: ReadonlySet<string> = new Set()): Uint8Array {
  const marked = (key: string, inner: unknown) =>
    typeof inner === 'number' && Number.isInteger(inner) && floatKeys.has(key) ? `${MARK}${inner}` : inner
  const text = JSON.stringify(value, marked, 2).replaceAll(/"\\u0001(-?\d+)"/g, '$1.0')
  return new TextEncoder().encode(`${text}\n`)
}
