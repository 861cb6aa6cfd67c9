// Reads the small files that `general.*` metadata comes from.
import type { Checkpoint, Json, JsonObject } from '@fs/core'
import { readText } from '../read-text.ts'
import type { GeneralMetadataSources } from './general-metadata.ts'

type Request = { readonly name?: string; readonly metadataOverrides?: { readonly [key: string]: Json } }

export async function readGeneralSources(checkpoint: Checkpoint, request: Request): Promise<Omit<GeneralMetadataSources, 'parameters'>> {
  return {
    folderName: checkpoint.name,
    config: checkpoint.config,
    modelCard: await readText(checkpoint.folder, 'README.md'),
    generationConfig: parseObject(await readText(checkpoint.folder, 'generation_config.json')),
    overrides: request.metadataOverrides,
    name: request.name,
  }
}

/** A broken generation_config.json is passed over, as transformers and llama.cpp do. */
function parseObject(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}
