// The unified folder as a source: what its config.json says, checked against what its architecture makes of the same parameters.
// Writing one is `../folder/unified.ts`. The files other readers look for are made of config.json.
import type { Description, ModelSpec } from '@fs/arch'
import type { Checkpoint, Json, JsonObject } from '@fs/core'
import { architectureById } from '@fs/registry'
import { convertError } from '../errors.ts'
import { jsonFile } from '../folder/json-file.ts'
import { FORMAT_VERSION, type UnifiedConfig, unifiedConfigSchema } from '../folder/unified-schema.ts'
import { asStored, type SourceReader } from './model-source.ts'
import { overlayFolder } from './overlay-folder.ts'

/** @throws FsError `convert/unified-version`, `convert/unified-config`, `convert/unified-mismatch`, and what the architecture refuses */
export const readUnified: SourceReader = async (checkpoint) => {
  if (checkpoint.container !== 'unified') return undefined
  const config = readConfig(checkpoint)
  const description = describe(config, checkpoint.name)
  return {
    checkpoint: asHuggingFace(checkpoint, config, description),
    form: 'canonical',
    description,
    tensors: asStored(checkpoint.tensors.tensors),
    notices: [],
  }
}

function readConfig({ config, name }: Checkpoint): UnifiedConfig {
  const version = config?.format_version
  if (typeof version === 'number' && version !== FORMAT_VERSION) {
    throw convertError(
      'convert/unified-version',
      `${name} is a unified folder of version ${version}; this program reads ${FORMAT_VERSION}`,
      {
        file: name,
        version,
      },
    )
  }
  const parsed = unifiedConfigSchema.safeParse(config)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = issue?.path.join('.') || 'the whole'
  throw convertError('convert/unified-config', `${name}/config.json: ${path}: ${issue?.message ?? 'it is not what the format says'}`, {
    file: name,
    path,
  })
}

/** The parameters must imply the model that is written out beside them: whoever reads only one of the two has to see the same model. */
function describe(config: UnifiedConfig, name: string): Description {
  const written: ModelSpec = (config.decoder ?? config.encoder)!
  const mismatch = (what: string) =>
    convertError('convert/unified-mismatch', `${name}/config.json: ${what}; the file was changed by hand, write the folder again`, {
      file: name,
    })
  // Counts of things that are listed are compared first, so that a wrong one makes no endless list.
  const { layers, experts } = config.parameters
  if (layers !== written.layers.length) throw mismatch(`parameters.layers is ${layers}, but ${written.layers.length} layers are described`)
  for (const { feedForward } of written.layers) {
    if (feedForward.kind === 'mixture' && feedForward.experts !== experts)
      throw mismatch(`parameters.experts is ${experts}, but not in its layers`)
  }
  const description = architectureById(config.architecture).fromConfig(config.parameters as JsonObject)
  const different = firstDifference(description.spec as unknown as Json, written as unknown as Json)
  if (different === undefined) return description
  throw mismatch(`${description.spec.kind}${different} is not what the parameters imply`)
}

/** The path of the first value that differs, or undefined when all are equal. */
function firstDifference(left: Json | undefined, right: Json | undefined, path = ''): string | undefined {
  if (Object.is(left, right)) return undefined
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return path
  if (Array.isArray(left) !== Array.isArray(right)) return path
  const [a, b] = [left as JsonObject, right as JsonObject]
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = firstDifference(Object.hasOwn(a, key) ? a[key] : undefined, Object.hasOwn(b, key) ? b[key] : undefined, `${path}.${key}`)
    if (found !== undefined) return found
  }
  return undefined
}

/** Token ids, templates and sampling as Hugging Face keeps them, for whoever writes another container from this one. */
function asHuggingFace(checkpoint: Checkpoint, config: UnifiedConfig, description: Description): Checkpoint {
  const files = new Map<string, Uint8Array>()
  for (const { name, template } of config.message_format.templates) {
    const file = name === 'default' ? 'chat_template.jinja' : `additional_chat_templates/${name.replaceAll('/', '_')}.jinja`
    files.set(file, new TextEncoder().encode(template))
  }
  if (config.generation !== null) files.set('generation_config.json', jsonFile(config.generation as JsonObject))
  const { bos, eos, pad } = config.tokenizer.special_tokens
  const ids = { bos_token_id: bos ?? null, eos_token_id: eos ?? null, pad_token_id: pad ?? null }
  return {
    ...checkpoint,
    name: config.model_name,
    config: { ...description.huggingFaceConfig, ...ids },
    folder: overlayFolder(checkpoint.folder, files),
  }
}
