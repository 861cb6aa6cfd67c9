// The forms before tokenizer.json, turned into one: GPT-2's vocab.json with merges.txt, and BERT's vocab.txt.
// Stages are those transformers gives the classes that read these files (GPT2Tokenizer, BertTokenizer).
import type { Json } from '@fs/core'
import { fail } from '../errors.ts'
import { controlToken } from '../to-json/byte-level.ts'
import { type Reader, readJson } from './reader.ts'

const textOf = (config: Reader | undefined, role: string): string | undefined => {
  const value = config?.optional(`${role}_token`)?.value
  const text = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { content?: Json }).content : value
  return typeof text === 'string' ? text : undefined
}

/** @throws FsError when a line of merges.txt is not two tokens. */
export function jsonFromVocabularyAndMerges(vocabularyJson: string, mergesText: string, tokenizerConfig: string | undefined): string {
  const vocabulary = readJson(vocabularyJson, 'vocab.json').object()
  const config = tokenizerConfig === undefined ? undefined : readJson(tokenizerConfig, 'tokenizer_config.json')
  const merges: (readonly [string, string])[] = []
  mergesText.split('\n').forEach((line, index) => {
    const text = line.replace(/\r$/, '')
    if ((index === 0 && text.startsWith('#')) || text.length === 0) return
    const parts = text.split(' ')
    if (parts.length !== 2) throw fail('tokenizer/bad-merge', `merges.txt: line ${index + 1} should be two tokens`, { line: index + 1 })
    merges.push([parts[0]!, parts[1]!])
  })
  const specials = new Set(['bos', 'eos', 'unk', 'pad'].flatMap((role) => textOf(config, role) ?? []))
  if (specials.size === 0) specials.add('<|endoftext|>')
  const added = [...specials].flatMap((token) =>
    typeof vocabulary[token] === 'number' ? [controlToken({ id: vocabulary[token], content: token })] : [],
  )
  const prefixed = config?.optional('add_prefix_space')?.value === true
  return JSON.stringify({
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: prefixed, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: vocabulary, merges },
  })
}

/** One token a line, the id being the line's number from 0. */
export function jsonFromVocabularyText(vocabularyText: string, tokenizerConfig: string | undefined): string {
  const config = tokenizerConfig === undefined ? undefined : readJson(tokenizerConfig, 'tokenizer_config.json')
  const tokens = vocabularyText.replace(/\r?\n$/, '').split(/\r?\n/)
  const roles = { unk: '[UNK]', sep: '[SEP]', pad: '[PAD]', cls: '[CLS]', mask: '[MASK]' } as const
  const names = Object.fromEntries(Object.entries(roles).map(([role, otherwise]) => [role, textOf(config, role) ?? otherwise])) as Record<
    keyof typeof roles,
    string
  >
  const idOf = (token: string) => tokens.indexOf(token)
  if (idOf(names.unk) < 0 || idOf(names.cls) < 0 || idOf(names.sep) < 0) {
    throw fail('tokenizer/malformed', `vocab.txt has no ${names.unk}, ${names.cls} or ${names.sep}, which WordPiece needs`)
  }
  const lowercase = config?.optional('do_lower_case')?.value !== false
  const stripAccents = config?.optional('strip_accents')?.value ?? null
  const item = (token: string) => ({ SpecialToken: { id: token, type_id: 0 } })
  return JSON.stringify({
    added_tokens: [...new Set(Object.values(names))].flatMap((token) =>
      idOf(token) < 0 ? [] : [controlToken({ id: idOf(token), content: token })],
    ),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: stripAccents, lowercase },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [item(names.cls), { Sequence: { id: 'A', type_id: 0 } }, item(names.sep)],
      pair: [],
      special_tokens: Object.fromEntries(
        [names.cls, names.sep].map((token) => [token, { id: token, ids: [idOf(token)], tokens: [token] }]),
      ),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: names.unk,
      continuing_subword_prefix: '##',
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    },
  })
}
