// The settings sentence-transformers keeps beside a checkpoint (`modules.json`, `1_Pooling/config.json`), merged into the configuration
// under `sentence_transformers`, where architectures of encoders look for them.
import type { Folder, JsonObject } from '@fs/core'
import { convertError } from './errors.ts'
import { readText } from './read-text.ts'

/** @throws FsError `convert/module-unsupported` for a module that changes the embedding and has no place in the description */
export async function withSentenceTransformers(config: JsonObject, folder: Folder): Promise<JsonObject> {
  const modules = parse(await readText(folder, 'modules.json'))
  if (!Array.isArray(modules)) return config
  let settings: JsonObject = {}
  for (const module of modules) {
    const { type, path } = module as { type?: unknown; path?: unknown }
    const kind = String(type).split('.').at(-1)
    if (kind === 'Pooling') settings = { ...settings, ...objectOf(parse(await readText(folder, `${String(path)}/config.json`))) }
    else if (kind === 'Normalize') settings = { ...settings, normalize: true }
    else if (kind !== 'Transformer') {
      throw convertError(
        'convert/module-unsupported',
        `modules.json has a ${kind} module after the model, which this version cannot carry over; convert the model without it only if you do not need it`,
        {
          module: String(type),
        },
      )
    }
  }
  return { ...config, sentence_transformers: settings }
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function objectOf(value: unknown): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {}
}
