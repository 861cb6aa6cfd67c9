// The model card (README.md) that goes with a folder: the checkpoint's own, or one whose front matter says what a GGUF's `general.*` keys say.
// Reading cards is `../general-metadata`'s business; the keys written here are those read there.
import type { Json, JsonObject, MetadataValue } from '@fs/core'
import { stringify } from 'yaml'
import type { OpenedModel } from '../open-model.ts'
import { readBytes } from '../read-text.ts'

/** Keys of a card by GGUF key without `general.`; those of the Hub where it has them. */
const CARD_KEYS = {
  name: 'model_name',
  author: 'model_author',
  version: 'model_version',
  organization: 'model_organization',
  finetune: 'model_finetune',
  basename: 'model_basename',
  description: 'model_description',
  size_label: 'model_size_label',
  license: 'license',
  'license.name': 'license_name',
  'license.link': 'license_link',
  'source.url': 'model_url',
  'source.doi': 'model_doi',
  'source.uuid': 'model_uuid',
  'source.repo_url': 'model_repo_url',
  tags: 'tags',
  languages: 'language',
} as const satisfies { readonly [gguf: string]: string }

/** Lists of related models and data sets, numbered in GGUF; card keys for ids of the Hub and for anything else. */
const RELATED = {
  base_model: ['base_model', 'base_model_sources'],
  dataset: ['datasets', 'dataset_sources'],
} as const

const LICENSE = /^(LICENSE|LICENCE|NOTICE|USE_POLICY)(\.(md|txt))?$/i

/** README.md and the licence files of the checkpoint; a card made of a GGUF's metadata where there is none. */
export async function modelCardFiles({ checkpoint }: OpenedModel): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const name of checkpoint.folder.files.keys()) {
    const bytes = name === 'README.md' || LICENSE.test(name) ? await readBytes(checkpoint.folder, name) : undefined
    if (bytes !== undefined) files.set(name, bytes)
  }
  const card = cardOf(checkpoint.metadata ?? new Map())
  if (files.has('README.md') || Object.keys(card).length === 0) return files
  const text = `---\n${stringify(card)}---\n\n# ${checkpoint.name}\n`
  return files.set('README.md', new TextEncoder().encode(text))
}

function cardOf(metadata: ReadonlyMap<string, MetadataValue>): JsonObject {
  const card: { [key: string]: Json } = {}
  for (const [key, name] of Object.entries(CARD_KEYS)) {
    const value = metadata.get(`general.${key}`)
    if (value?.type === 'STRING') card[name] = value.value
    else if (value?.type === 'ARRAY' && value.of === 'STRING') card[name] = [...value.value]
  }
  for (const [group, [ids, sources]] of Object.entries(RELATED)) {
    const list = relatedOf(metadata, group)
    const onHub = list.map((entry) => /^https:\/\/huggingface\.co\/([^/]+\/[^/]+)$/.exec(String(entry.repo_url))?.[1])
    if (list.length > 0) card[onHub.includes(undefined) ? sources : ids] = onHub.includes(undefined) ? list : (onHub as string[])
  }
  return card
}

/** `general.base_model.0.name` and so on, as objects by the last part of their keys. */
function relatedOf(metadata: ReadonlyMap<string, MetadataValue>, group: string): readonly JsonObject[] {
  const list: { [field: string]: Json }[] = []
  for (const [key, value] of metadata) {
    const [, index, field] = new RegExp(`^general\\.${group}\\.(\\d{1,3})\\.(\\w+)$`).exec(key) ?? []
    if (index === undefined || value.type !== 'STRING') continue
    list[Number(index)] = { ...list[Number(index)], [field!]: value.value }
  }
  return list.filter((entry) => entry !== undefined)
}
