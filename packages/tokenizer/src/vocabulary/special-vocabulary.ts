// The keys that name special tokens and say which of them are put around a text, in the order llama.cpp's converter writes them.
// Source: `SpecialVocab` (gguf-py/gguf/vocab.py, v0.5.0). Where a role is given as an object, its text is compared, not the object.
import type { JsonObject, MetadataValue } from '@fs/core'
import { ROLE_KEYS } from '../gguf/read.ts'
import { flatten } from '../huggingface/normalizer.ts'
import type { Reader } from '../huggingface/reader.ts'
import type { SpecialRole } from '../tokenizer.ts'

/** In the order they are looked up; `cls` has an id but no key, and `eot` and `eom` join when a template ends otherwise than with eos. */
const ROLES = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask'] as const satisfies readonly SpecialRole[]

const ADD_KEYS: { readonly [Role in SpecialRole]?: string } = {
  bos: 'tokenizer.ggml.add_bos_token',
  eos: 'tokenizer.ggml.add_eos_token',
  sep: 'tokenizer.ggml.add_sep_token',
}

export type SpecialSources = {
  readonly tokenizerJson: Reader | undefined
  readonly tokenizerConfig: Reader | undefined
  readonly config: JsonObject | undefined
  /** Ids from here on have no row and are not written. */
  readonly limit: number
}

type Found = {
  /** Token text by role, from tokenizer_config.json and what templates say. */
  readonly texts: Map<SpecialRole, string>
  readonly add: Map<SpecialRole, boolean>
  readonly roles: SpecialRole[]
}

export function specialEntries(sources: SpecialSources): Map<string, MetadataValue> {
  const { tokenizerJson, tokenizerConfig, config, limit } = sources
  const found: Found = { texts: configuredTexts(tokenizerConfig), add: new Map(), roles: [...ROLES] }
  const processor = tokenizerJson?.optional('post_processor')
  if (tokenizerJson !== undefined) {
    standIn(found.texts, 'bos', 'cls')
    standIn(found.texts, 'eos', 'sep')
  }
  for (const stage of processor === undefined ? [] : flatten(processor, 'processors'))
    readProcessor(stage, found, tokenizerConfig !== undefined)

  const ids = new Map<SpecialRole, number>()
  const set = (role: SpecialRole, id: unknown) => {
    const valid = typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < limit
    if (valid && !ids.has(role)) ids.set(role, id)
  }
  if (tokenizerConfig !== undefined) {
    const addedIds = new Map<string, unknown>()
    for (const row of tokenizerJson?.optional('added_tokens')?.list(Number.POSITIVE_INFINITY) ?? []) {
      const content = row.field('content').string()
      if (!addedIds.has(content)) addedIds.set(content, row.field('id').value)
    }
    for (const role of found.roles) {
      const wanted = tokenizerConfig.optional(`add_${role}_token`)?.value
      if (typeof wanted === 'boolean') found.add.set(role, wanted)
      const text = found.texts.get(role)
      if (text !== undefined) set(role, addedIds.get(text))
    }
  }
  const nested = config?.text_config
  for (const role of found.roles) {
    const own = config?.[`${role}_token_id`]
    set(role, own ?? (typeof nested === 'object' && nested !== null ? (nested as JsonObject)[`${role}_token_id`] : undefined))
  }

  const entries = new Map<string, MetadataValue>()
  for (const [role, id] of ids) if (role !== 'cls') entries.set(ROLE_KEYS[role], { type: 'UINT32', value: id })
  for (const [role, value] of found.add) {
    const key = ADD_KEYS[role]
    if (key !== undefined) entries.set(key, { type: 'BOOL', value })
  }
  return entries
}

function configuredTexts(tokenizerConfig: Reader | undefined): Map<SpecialRole, string> {
  const texts = new Map<SpecialRole, string>()
  for (const role of ROLES) {
    const field = tokenizerConfig?.optional(`${role}_token`)
    const text = typeof field?.value === 'object' ? field.optional('content')?.value : field?.value
    if (typeof text === 'string' && text !== '') texts.set(role, text)
  }
  return texts
}

/** BERT's kind names no bos and eos; its cls and sep take their place. */
function standIn(texts: Map<SpecialRole, string>, role: SpecialRole, other: SpecialRole): void {
  const text = texts.get(other)
  if (!texts.has(role) && text !== undefined) texts.set(role, text)
}

function readProcessor(stage: Reader, found: Found, configured: boolean): void {
  switch (stage.field('type').value) {
    case 'RobertaProcessing': {
      for (const role of ['bos', 'eos', 'sep'] as const) found.add.set(role, true)
      for (const [role, other] of [
        ['cls', 'bos'],
        ['sep', 'eos'],
      ] as const) {
        const text = stage.optional(role)?.list(2)[0]?.string() ?? found.texts.get(other)
        if (configured && !found.texts.has(role) && text !== undefined) found.texts.set(role, text)
      }
      return
    }
    case 'TemplateProcessing':
      readTemplate(stage, found, configured)
  }
}

const specialName = (item: Reader | undefined) => item?.optional('SpecialToken')?.field('id').string()
const sequenceName = (item: Reader | undefined) => item?.optional('Sequence')?.field('id').string()

function readTemplate(stage: Reader, { texts, add, roles }: Found, configured: boolean): void {
  const single = stage.optional('single')?.list(64) ?? []
  const first = single.length > 1 ? specialName(single[0]) : undefined
  const last = single.length > 1 ? specialName(single.at(-1)) : undefined
  const isFirst = () => first === texts.get('bos') || first === texts.get('cls')
  if (first !== undefined) {
    if (!configured) texts.set('bos', first)
    else if (!isFirst()) for (const role of ['bos', 'cls'] as const) if (!texts.has(role)) texts.set(role, first)
    add.set('bos', isFirst())
  }
  if (last !== undefined) {
    const eos = texts.get('eos')
    if (configured && last !== eos) {
      // The token that ends a text takes eos's place; what was eos ends a turn or, failing that, a message.
      const displaced = (['eot', 'eom'] as const).find((role) => !roles.includes(role))
      if (displaced !== undefined) {
        roles.push(displaced)
        if (eos !== undefined) texts.set(displaced, eos)
      }
    }
    texts.set('eos', last)
    add.set('eos', true)
  }
  const pair = stage.optional('pair')?.list(64) ?? []
  const start = first !== undefined && specialName(pair[0]) === first ? 1 : 0
  const inner = pair.slice(start, last !== undefined && specialName(pair.at(-1)) === last ? -1 : undefined)
  const middle = inner.slice(1, -1)
  if (sequenceName(inner[0]) !== 'A' || sequenceName(inner.at(-1)) !== 'B' || middle.length === 0) return
  const separates = (item: Reader | undefined) => {
    const name = specialName(item)
    return name !== undefined && (name === texts.get('sep') || name === texts.get('eos'))
  }
  const addSep = (separates(middle[0]) && last === undefined) || (middle.length === 2 && separates(middle[1]))
  add.set('sep', addSep)
  const eos = texts.get('eos')
  if (addSep && configured && !texts.has('sep') && eos !== undefined) texts.set('sep', eos)
}
