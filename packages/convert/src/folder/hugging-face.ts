// A Hugging Face checkpoint of any model: what config.json and the files beside the weights say. Places and bytes are `../plan/plan-folder.ts`'s.
import type { JsonObject } from '@fs/core'
import type { OpenedModel } from '../open-model.ts'
import { type FolderPlaces, type FolderPlan, mainDtype, planFolder } from '../plan/plan-folder.ts'
import { chatTemplateFiles, chatTemplatesOf } from './chat-templates.ts'
import { generationSettings, SAMPLING_FLOATS, tokenIds } from './generation-settings.ts'
import { jsonFile } from './json-file.ts'
import { modelCardFiles } from './model-card-files.ts'
import { denseFolders, sentenceTransformersFiles } from './sentence-transformers-files.ts'
import { tokenizerFolder } from './tokenizer-files.ts'

/**
 * A folder that transformers loads: tensors under its names and in its layouts, config.json in the spellings of versions 4 and 5.
 * @throws FsError when the tokenizer or a setting of the model cannot be said in these files
 */
export async function planHuggingFace(model: OpenedModel, places: FolderPlaces): Promise<FolderPlan> {
  const { spec } = model.description
  const { files: tokenizerFiles, special, notices } = await tokenizerFolder(model)
  const templates = await chatTemplatesOf(model)
  const files = new Map([...tokenizerFiles, ...chatTemplateFiles(templates), ...(await modelCardFiles(model))])
  const settings = await generationSettings(model, special)
  if (settings !== undefined) files.set('generation_config.json', jsonFile(settings, SAMPLING_FLOATS))
  if (spec.kind === 'encoder') for (const [name, bytes] of sentenceTransformersFiles(spec)) files.set(name, bytes)
  const dtype = mainDtype(model, places.precision)
  const config = configJson(model, { ...tokenIds(model, special), dtype, torch_dtype: dtype })
  files.set('config.json', jsonFile(config, model.description.floatKeys))
  const folders = spec.kind === 'encoder' ? denseFolders(spec) : []
  const modules = folders.map((folder, index) => ({ folder, prefix: `dense.${index}.` }))
  return planFolder(model, { ...places, form: 'huggingFace', files, notices, modules })
}

function configJson({ description }: OpenedModel, more: JsonObject): JsonObject {
  // Where sentence-transformers' settings are merged in for us to read, transformers has no such key.
  const { sentence_transformers: _, ...config } = description.huggingFaceConfig
  return { ...config, ...more, use_cache: description.spec.kind === 'decoder' }
}
