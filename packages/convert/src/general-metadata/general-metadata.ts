// The `general.*` keys of a GGUF file: who made the model, what it is called, what it derives from. llama.cpp's order and sources
// (gguf-py/gguf/metadata.py): model card, config.json's `_name_or_path`, folder name, generation_config.json, then the user's overrides.
import type { Json, JsonObject, MetadataValue } from '@fs/core'
import { frontMatterOf } from './model-card.ts'
import { namePartsOf, titleOf } from './name-parts.ts'
import { type ParameterCount, sizeLabelOf } from './size-label.ts'

export type GeneralMetadataSources = {
  /** Folder or repository name. */
  readonly folderName: string
  readonly config: JsonObject | undefined
  readonly modelCard: string | undefined
  readonly generationConfig: JsonObject | undefined
  /** A `--metadata` file: GGUF keys to values. */
  readonly overrides: JsonObject | undefined
  /** `--name`. */
  readonly name: string | undefined
  readonly parameters: ParameterCount
}

type Source = { readonly [key: string]: Json | undefined }

const SAMPLING = {
  sequence: ['STRING', 'sequence'],
  top_k: ['INT32', 'top_k'],
  top_p: ['FLOAT32', 'top_p'],
  min_p: ['FLOAT32', 'min_p'],
  xtc_probability: ['FLOAT32', 'xtc_probability'],
  xtc_threshold: ['FLOAT32', 'xtc_threshold'],
  temp: ['FLOAT32', 'temperature'],
  penalty_last_n: ['INT32', 'penalty_last_n'],
  penalty_repeat: ['FLOAT32', 'penalty_repeat', 'repetition_penalty'],
  mirostat: ['INT32', 'mirostat'],
  mirostat_tau: ['FLOAT32', 'mirostat_tau'],
  mirostat_eta: ['FLOAT32', 'mirostat_eta'],
} as const satisfies { readonly [key: string]: readonly ['STRING' | 'INT32' | 'FLOAT32', ...string[]] }

/** Keys of a model card for each GGUF key, first found first taken; `model_…` is llama.cpp's convention, `model_creator` TheBloke's. */
const CARD_KEYS = {
  name: ['name', 'model_name'],
  author: ['author', 'model_author', 'model_creator'],
  version: ['version', 'model_version'],
  organization: ['organization', 'model_organization'],
  finetune: ['finetune', 'model_finetune'],
  basename: ['basename', 'model_basename', 'model_type'],
  description: ['description', 'model_description'],
  size_label: ['size_label', 'model_size_label'],
  'source.url': ['url', 'model_url'],
  'source.doi': ['doi', 'model_doi'],
  'source.uuid': ['uuid', 'model_uuid'],
  'source.repo_url': ['repo_url', 'model_repo_url'],
  license: ['license'],
  'license.name': ['license_name'],
  'license.link': ['license_link'],
} as const satisfies { readonly [key: string]: readonly string[] }

/** Order in which the writer sets keys; `base_model` and `dataset` stand for their numbered groups. */
const ORDER = [
  'name',
  'author',
  'version',
  'organization',
  'finetune',
  'basename',
  'description',
  'quantized_by',
  'size_label',
  'license',
  'license.name',
  'license.link',
  'url',
  'doi',
  'uuid',
  'repo_url',
  'source.url',
  'source.doi',
  'source.uuid',
  'source.repo_url',
] as const

const RELATED_FIELDS = ['name', 'author', 'version', 'organization', 'description', 'url', 'doi', 'uuid', 'repo_url'] as const

/** @returns the `general.*` entries that come before the architecture's own, `general.type` first, in llama.cpp's order. */
export function generalMetadata(sources: GeneralMetadataSources): readonly (readonly [string, MetadataValue])[] {
  const card = sources.modelCard === undefined ? undefined : frontMatterOf(sources.modelCard)
  const overrides: Source = sources.overrides ?? {}
  const values = guessedValues(sources, card)
  for (const key of ORDER) {
    const override = overrides[`general.${key}`]
    if (override !== undefined && override !== null) values[key] = override
  }
  if (sources.name !== undefined) values.name = sources.name
  values.name ??= sources.folderName
  if (values.size_label === undefined && sources.parameters.total > 0) values.size_label = sizeLabelOf(sources.parameters)
  const entries: (readonly [string, MetadataValue])[] = [['general.type', string('model')]]
  entries.push(...samplingEntries(sources.generationConfig ?? {}, overrides))
  for (const key of ORDER) {
    const value = textOf(values[key])
    if (value !== undefined && value !== '') entries.push([`general.${key}`, string(value)])
  }
  const baseModels = relatedEntries(
    'base_model',
    overrides['general.base_models'] ?? card?.base_model ?? card?.base_models ?? card?.base_model_sources,
    sources,
  )
  const datasets = relatedEntries(
    'dataset',
    overrides['general.datasets'] ?? card?.datasets ?? card?.dataset ?? card?.dataset_sources,
    sources,
  )
  entries.push(...baseModels, ...datasets)
  entries.push(...listEntry('tags', [overrides['general.tags'] ?? [card?.tags, card?.pipeline_tag]]))
  entries.push(...listEntry('languages', [overrides['general.languages'] ?? [card?.languages, card?.language]]))
  return entries
}

const string = (value: string): MetadataValue => ({ type: 'STRING', value })

function textOf(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  return Array.isArray(value) ? value.map(String).join(',') : String(value)
}

function guessedValues(sources: GeneralMetadataSources, card: JsonObject | undefined): { [key: string]: Json | undefined } {
  const values: { [key: string]: Json | undefined } = {}
  for (const [key, cardKeys] of Object.entries(CARD_KEYS)) {
    const found = cardKeys.find((cardKey) => card?.[cardKey] !== undefined && card[cardKey] !== null)
    if (found !== undefined) values[key] = card?.[found]
  }
  const path = sources.config?._name_or_path
  const names = [typeof path === 'string' && path.split('/').length <= 2 ? path : undefined, sources.folderName]
  for (const id of names) {
    if (id === undefined) continue
    const parts = namePartsOf(id, sources.parameters.total)
    values.name ??= parts.name === undefined ? undefined : titleOf(parts.name)
    values.organization ??= parts.organization === undefined ? undefined : titleOf(parts.organization)
    values.basename ??= parts.basename
    values.finetune ??= parts.finetune
    values.version ??= parts.version
    values.size_label ??= parts.sizeLabel
  }
  return values
}

function samplingEntries(generation: JsonObject, overrides: Source): readonly (readonly [string, MetadataValue])[] {
  return Object.entries(SAMPLING).flatMap(([key, [type, ...names]]) => {
    const value =
      overrides[`general.sampling.${key}`] ?? names.map((name) => generation[name]).find((found) => found !== undefined && found !== null)
    if (value === undefined || value === null) return []
    const name = `general.sampling.${key}`
    if (type === 'STRING') return [[name, string(String(value))] as const]
    if (typeof value !== 'number' || !Number.isFinite(value)) return []
    return [[name, { type, value: type === 'INT32' ? Math.trunc(value) : Math.fround(value) }] as const]
  })
}

function relatedEntries(group: 'base_model' | 'dataset', declared: Json | undefined, sources: GeneralMetadataSources) {
  if (declared === undefined || declared === null) return []
  const list = Array.isArray(declared) ? declared : [declared as Json]
  const entries: (readonly [string, MetadataValue])[] = [[`general.${group}.count`, { type: 'UINT32', value: list.length }]]
  for (const [index, item] of list.entries()) {
    const related =
      typeof item === 'string' ? relatedFromId(item, sources) : item !== null && typeof item === 'object' ? (item as JsonObject) : {}
    for (const field of RELATED_FIELDS) {
      const value = textOf(related[field])
      if (value !== undefined && value !== '') entries.push([`general.${group}.${index}.${field}`, string(value)])
    }
  }
  return entries
}

function relatedFromId(id: string, sources: GeneralMetadataSources): JsonObject {
  const url = /^(https?|ssh):\/\//.test(id)
  const onHub = url ? /^https?:\/\/huggingface\.co\/([^/]+\/[^/]+)$/.exec(id)?.[1] : id
  const parts = onHub === undefined ? undefined : namePartsOf(onHub, sources.parameters.total)
  const { name, organization, version } = parts ?? {}
  return {
    ...(name === undefined ? {} : { name: titleOf(name) }),
    ...(organization === undefined ? {} : { organization: titleOf(organization) }),
    ...(version === undefined ? {} : { version }),
    ...(url ? { repo_url: id } : organization === undefined ? {} : { repo_url: `https://huggingface.co/${organization}/${name}` }),
  }
}

/** Tags and languages: single strings and lists alike become one list; an empty one is not written. */
function listEntry(key: 'tags' | 'languages', values: readonly unknown[]): readonly (readonly [string, MetadataValue])[] {
  const value = values.flat(2).filter((entry): entry is string => typeof entry === 'string')
  return value.length === 0 ? [] : [[`general.${key}`, { type: 'ARRAY', of: 'STRING', value }]]
}
