// Chat templates in a checkpoint folder, in every place transformers 5 looks. Nothing is rendered or parsed here.
import type { Folder, Json, JsonObject } from '@fs/core'
import { fail } from '../errors.ts'
import { MAX_SOURCE_CHARACTERS } from '../jinja/parse.ts'
import { type FoundTemplate, reportOf, type TemplatePlace, type TemplateReport } from './report.ts'

/** UTF-8 takes at most three bytes for each UTF-16 unit. */
const MAX_TEMPLATE_BYTES = MAX_SOURCE_CHARACTERS * 3
/** tokenizer_config.json lists added tokens too; Gemma 3's has 1.2 MB. */
const MAX_CONFIG_BYTES = 64 * 1024 * 1024

/**
 * Looks through a folder. Order of precedence (transformers 5.18, `tokenization_utils_base.py` and `processing_utils.py`):
 *
 * 1. `chat_template.jinja` as `default`, with `additional_chat_templates/*.jinja` under their file names; if any exists, the rest does
 * not count.
 * 2. `tokenizer_config.json`, key `chat_template`: one string, or a list of `{ name, template }`.
 * 3. `chat_template.json`, and `processor_config.json`: read for multimodal processors only, so last for a text model.
 *
 * @throws FsError `chat-format/template-file` for a file that is not what it has to be; a missing file is no error
 */
export async function findTemplatesInFolder(folder: Folder): Promise<TemplateReport> {
  const places: TemplatePlace[] = [await templateFiles(folder)]
  for (const file of ['tokenizer_config.json', 'chat_template.json', 'processor_config.json']) places.push(await configFile(folder, file))
  return reportOf(places)
}

async function templateFiles(folder: Folder): Promise<TemplatePlace> {
  const templates: FoundTemplate[] = []
  for (const [file, { size }] of folder.files) {
    const name = file === 'chat_template.jinja' ? 'default' : /^additional_chat_templates\/([^/]+)\.jinja$/.exec(file)?.[1]
    if (name !== undefined) templates.push({ name, source: await readText(folder, file, size, MAX_TEMPLATE_BYTES), place: file })
  }
  templates.sort((left, right) => Number(right.name === 'default') - Number(left.name === 'default') || (left.name < right.name ? -1 : 1))
  return { place: 'chat_template.jinja', templates }
}

async function configFile(folder: Folder, file: string): Promise<TemplatePlace> {
  const size = folder.files.get(file)?.size
  if (size === undefined) return { place: file, templates: [] }
  const text = await readText(folder, file, size, MAX_CONFIG_BYTES)
  let config: Json
  try {
    config = JSON.parse(text)
  } catch (error) {
    throw fail('chat-format/template-file', `${file} is not JSON: ${(error as Error).message}`, { file }, error)
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw fail('chat-format/template-file', `${file} holds no JSON object`, { file })
  }
  return { place: file, templates: templatesOf((config as JsonObject).chat_template, file) }
}

/** A string, a list of `{ name, template }`, or an object of strings by name. */
function templatesOf(value: Json | undefined, file: string): FoundTemplate[] {
  if (value === undefined || value === null) return []
  if (typeof value === 'string') return [{ name: 'default', source: value, place: file }]
  const pairs = Array.isArray(value)
    ? value.map((entry) => [(entry as JsonObject | null)?.name, (entry as JsonObject | null)?.template] as const)
    : Object.entries(value)
  return pairs.map(([name, source], index) => {
    if (typeof name !== 'string' || typeof source !== 'string') {
      throw fail('chat-format/template-file', `${file}: chat_template entry ${index} has no string name and template`, { file, index })
    }
    return { name, source, place: `${file}, template "${name}"` }
  })
}

async function readText(folder: Folder, file: string, size: number, limit: number): Promise<string> {
  if (size > limit) throw fail('chat-format/template-file', `${file} has ${size} bytes; at most ${limit} are read`, { file, size, limit })
  const source = await folder.open(file)
  try {
    // The mark at the start of a file is part of the template for Python, and `lintTemplate` reports it.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: file.endsWith('.jinja') }).decode(await source.read(0, source.size))
  } catch (error) {
    if (error instanceof TypeError) throw fail('chat-format/template-file', `${file} is not UTF-8 text`, { file }, error)
    throw error
  } finally {
    await source.close()
  }
}
