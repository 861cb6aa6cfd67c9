// What sentence-transformers keeps beside a checkpoint (`modules.json` and the folders it names), said in the checkpoint's own configuration and
// tensors: settings under `sentence_transformers`, where architectures of encoders look for them, and weights as `dense.0.linear.weight`.
import type { Folder, JsonObject, TensorInfo } from '@fs/core'
import { readJson } from '@fs/formats/json'
import { convertError } from './errors.ts'

type Model = { readonly config: JsonObject; readonly tensors: ReadonlyMap<string, TensorInfo> }

/**
 * @param model with the tensors of Dense modules under the names of their folders, `2_Dense/linear.weight`
 * @throws FsError `convert/module-unsupported` for a module that changes the embedding and has no place in the description,
 * `convert/module-settings` when the settings of one are missing
 */
export async function withSentenceTransformers({ config, tensors }: Model, folder: Folder): Promise<Model> {
  const modules = folder.files.has('modules.json') ? await readJson(folder, 'modules.json') : undefined
  if (!Array.isArray(modules)) return { config, tensors }
  let settings: JsonObject = {}
  const dense: { readonly path: string; readonly settings: JsonObject }[] = []
  for (const { type, path } of modules.map(objectOf)) {
    const kind = String(type).split('.').at(-1)
    if (kind === 'Pooling') settings = { ...settings, ...(await settingsOf(folder, path)) }
    else if (kind === 'Dense') dense.push({ path: String(path), settings: await settingsOf(folder, path) })
    else if (kind === 'Normalize') settings = { ...settings, normalize: true }
    else if (kind !== 'Transformer') {
      throw convertError(
        'convert/module-unsupported',
        `modules.json has a ${kind} module after the model, which this version cannot carry over; convert the model without it only if you do not need it`,
        { module: String(type) },
      )
    }
  }
  const merged = { ...settings, ...(dense.length === 0 ? {} : { dense: dense.map((module) => module.settings) }) }
  const prefixes = new Map(dense.map(({ path }, index) => [path, `dense.${index}`]))
  return { config: { ...config, sentence_transformers: merged }, tensors: renamed(tensors, prefixes) }
}

/** @param prefixes by the folder of a module */
function renamed(tensors: ReadonlyMap<string, TensorInfo>, prefixes: ReadonlyMap<string, string>): ReadonlyMap<string, TensorInfo> {
  return new Map(
    [...tensors].map(([name, tensor]) => {
      const slash = name.lastIndexOf('/')
      const prefix = slash < 0 ? undefined : prefixes.get(name.slice(0, slash))
      return [prefix === undefined ? name : `${prefix}.${name.slice(slash + 1)}`, tensor]
    }),
  )
}

async function settingsOf(folder: Folder, path: unknown): Promise<JsonObject> {
  const name = `${String(path)}/config.json`
  if (folder.files.has(name)) return objectOf(await readJson(folder, name))
  throw convertError(
    'convert/module-settings',
    `modules.json of ${folder.name} names ${String(path)}, but ${name} is not there; download it`,
    {
      file: name,
    },
  )
}

function objectOf(value: unknown): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {}
}
