// The YAML front matter of a model card (README.md). Reading only; what it means for GGUF is in `general-metadata.ts`.
import type { JsonObject } from '@fs/core'
import { parse } from 'yaml'

/**
 * @returns the front matter as an object, or undefined when there is none or it is not valid YAML: a broken card must not stop a conversion.
 */
export function frontMatterOf(card: string): JsonObject | undefined {
  const lines = card.split(/\r?\n/)
  if (lines[0] !== '---') return undefined
  const end = lines.indexOf('---', 1)
  const text = lines.slice(1, end < 0 ? undefined : end).join('\n')
  try {
    // "no" is a language here (Norwegian), not a boolean: the core schema of YAML 1.2 reads it so. maxAliasCount bounds expansion bombs.
    const value: unknown = parse(text.replaceAll('\t', '  '), { schema: 'core', maxAliasCount: 100, logLevel: 'error' })
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}
