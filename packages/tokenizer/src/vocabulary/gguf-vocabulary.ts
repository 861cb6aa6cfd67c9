// A GGUF vocabulary (`tokenizer.*` metadata) from the tokenizer files of a checkpoint, key for key as llama.cpp's converter writes it,
// and a report of what was found, filled up, left out or confirmed. Rows by kind are in `bodies.ts`.
import type { MetadataValue } from '@fs/core'
import type { TokenizerFiles } from '../files.ts'
import { tokenizerFromGguf } from '../gguf/tokenizer.ts'
import { flatten } from '../huggingface/normalizer.ts'
import { type Reader, readJson } from '../huggingface/reader.ts'
import { buildTokenizer, readHuggingFaceTokenizer } from '../huggingface/tokenizer-json.ts'
import { resolveFiles } from '../open.ts'
import { tokenizerFromSentencePiece } from '../sentencepiece/tokenizer.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { bodyEntries, bodyFromJson, bodyFromModel, type VocabularyBody } from './bodies.ts'
import { missingByteNotes, spacePrefixCorrection, specialCorrections } from './corrections.ts'
import type { PreTokenizerFinding } from './detect.ts'
import type { ChatTemplates, VocabularyOptions } from './options.ts'
import { probesFor, sameIds } from './probes.ts'
import { paddingToken } from './rows.ts'
import { specialEntries } from './special-vocabulary.ts'

export type VocabularyReport = {
  /** `tokenizer.ggml.model`. */
  readonly kind: VocabularyBody['kind']
  readonly source: VocabularyBody['source']
  /** Rows written, and how many of them no token has. */
  readonly rows: number
  readonly padded: number
  /** Only for byte-pair vocabularies, which need the name. */
  readonly preTokenizer?: PreTokenizerFinding
  /** Probe texts that the written vocabulary encodes as the source does, and the first that it does not. */
  readonly probes: { readonly equal: number; readonly all: number; readonly differs?: string }
  /** Sentences for people: differences, what was left out, what llama.cpp cannot do. */
  readonly notes: readonly string[]
}

export type GgufVocabularyResult = { readonly metadata: Map<string, MetadataValue>; readonly report: VocabularyReport }

type WithModel = TokenizerFiles & { readonly tokenizerModel: Uint8Array }
const hasModel = (files: TokenizerFiles): files is WithModel => files.tokenizerModel !== undefined
const flag = (value: boolean): MetadataValue => ({ type: 'BOOL', value })

/**
 * @param files every tokenizer file of the checkpoint. tokenizer.model comes before tokenizer.json, as in llama.cpp, since it has scores.
 * @throws FsError when a file is malformed or unsupported, the vocabulary is larger than the model's, or no pre-tokenizer name gives the
 * ids of tokenizer.json.
 */
export function ggufVocabulary(files: TokenizerFiles, options: VocabularyOptions = {}): GgufVocabularyResult {
  const traits = options.traits ?? {}
  const resolved = resolveFiles(files)
  const source = resolved.tokenizerJson === undefined ? undefined : readHuggingFaceTokenizer(resolved)
  const tokenizer = source === undefined ? tokenizerFromSentencePiece(resolved as WithModel) : buildTokenizer(source)
  const body = hasModel(resolved) ? bodyFromModel(resolved, options) : bodyFromJson(source!, tokenizer, options)
  const tokenizerConfig = resolved.tokenizerConfig === undefined ? undefined : readJson(resolved.tokenizerConfig, 'tokenizer_config.json')

  const metadata = new Map<string, MetadataValue>(traits.before ?? [])
  const add = (entries: Iterable<readonly [string, MetadataValue]>) => {
    for (const [key, value] of entries) metadata.set(key, value)
  }
  const prefix = tokenizerConfig?.optional('add_prefix_space')?.value
  if (traits.spacePrefix !== undefined && typeof prefix === 'boolean') add([['tokenizer.ggml.add_space_prefix', flag(prefix)]])
  add(bodyEntries(body))
  add(specialEntries({ tokenizerJson: source?.json, tokenizerConfig, config: resolved.config, limit: body.rows.tokens.length }))
  const corrections = specialCorrections(metadata, body, tokenizer)
  add(corrections.map(({ key, value }) => [key, value]))
  add(templateEntries(options.chatTemplates))
  add(normalizerEntries(source?.json.optional('normalizer')))
  add(spacePrefixCorrection(metadata, body))
  add(traits.after ?? [])

  const { tokens } = body.rows
  return {
    metadata,
    report: {
      kind: body.kind,
      source: body.source,
      rows: tokens.length,
      padded: tokens.filter((token, id) => token === paddingToken(id)).length,
      ...(body.preTokenizer !== undefined && { preTokenizer: body.preTokenizer }),
      probes: compared(metadata, tokenizer, probesFor(source).texts),
      notes: [...body.notes, ...missingByteNotes(body), ...corrections.map(({ note }) => note)],
    },
  }
}

/** One template, or several by name: letters, digits and `_` only, with a list of the names that are not `default` (`add_chat_template`, gguf_writer.py). */
function templateEntries(templates: ChatTemplates | undefined): readonly (readonly [string, MetadataValue])[] {
  const main = (template: string) => ['tokenizer.chat_template', { type: 'STRING', value: template }] as const
  if (templates === undefined) return []
  if (typeof templates === 'string') return [main(templates)]
  const named = templates.map(({ name, template }) => ({ name: name.replace(/[^A-Za-z0-9]/g, '_'), template }))
  const others = named.filter(({ name }) => name !== 'default' && name !== '')
  const first = named.findLast(({ name }) => name === 'default')
  const names = [...new Set(others.map(({ name }) => name))]
  return [
    ...others.map(({ name, template }) => [`tokenizer.chat_template.${name}`, { type: 'STRING', value: template }] as const),
    ...(names.length > 0 ? [['tokenizer.chat_templates', { type: 'ARRAY', of: 'STRING', value: names }] as const] : []),
    ...(first === undefined ? [] : [main(first.template)]),
  ]
}

/** Flags of the normalizer that llama.cpp's BERT kind reads (`_parse_normalizer`, gguf-py/gguf/vocab.py). */
function normalizerEntries(normalizer: Reader | undefined): readonly (readonly [string, MetadataValue])[] {
  const found: { lowercase?: boolean; strip_accents?: boolean } = {}
  for (const stage of normalizer === undefined ? [] : flatten(normalizer, 'normalizers')) {
    switch (stage.field('type').value) {
      case 'Lowercase':
        found.lowercase = true
        break
      case 'StripAccents':
        found.strip_accents = true
        break
      case 'BertNormalizer':
        for (const name of ['lowercase', 'strip_accents'] as const) {
          const value = stage.optional(name)?.value
          if (typeof value === 'boolean') found[name] = value
        }
    }
  }
  const order = ['lowercase', 'strip_accents'] as const
  return order.flatMap((name) => (found[name] === undefined ? [] : [[`tokenizer.ggml.normalizer.${name}`, flag(found[name])] as const]))
}

/** Encodes the probe texts with what was written and with the source, special tokens around them. */
function compared(
  metadata: ReadonlyMap<string, MetadataValue>,
  tokenizer: Tokenizer,
  texts: readonly string[],
): VocabularyReport['probes'] {
  const written = tokenizerFromGguf(metadata, 'the vocabulary')
  const framed = { addSpecialTokens: true }
  const differing = texts.filter((text) => !sameIds(written.encode(text, framed), tokenizer.encode(text, framed)))
  const [differs] = differing
  return { equal: texts.length - differing.length, all: texts.length, ...(differs !== undefined && { differs }) }
}
