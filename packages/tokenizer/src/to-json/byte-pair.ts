// Byte-pair vocabularies from a GGUF as tokenizer.json stages: over bytes, or over characters with `▁` for spaces (Gemma 4's kind).
import type { Json, JsonObject } from '@fs/core'
import { fail } from '../errors.ts'
import type { GgufVocabulary } from '../gguf/read.ts'
import { isPreTokenizerName, PRE_TOKENIZERS, type PreTokenizer, type PreTokenizerName } from '../pre-tokenizers/names.ts'
import { preTokenizerJson } from '../pre-tokenizers/stages.ts'
import { byteLevelDecoder, bytePairModel } from './byte-level.ts'
import type { Stages } from './pieces.ts'

/**
 * Names under which published tokenizers bring texts into the form NFC first, which no GGUF says (transformers, Qwen2Tokenizer and
 * GPTNeoXTokenizer; OLMo and MPT have the latter's).
 */
const NORMALIZED: ReadonlySet<string> = new Set(['qwen2', 'qwen35', 'deepseek-r1-qwen', 'olmo', 'mpt'] satisfies PreTokenizerName[])

/** What cuts a vocabulary's words. @throws FsError `tokenizer/pre-unknown` */
export function preTokenizerOf(source: GgufVocabulary, file: string): { readonly name: PreTokenizerName; readonly pre: PreTokenizer } {
  const name = source.model === 'gemma4' ? 'gemma4' : (source.pre ?? 'default')
  if (isPreTokenizerName(name)) return { name, pre: PRE_TOKENIZERS[name] }
  throw fail(
    'tokenizer/pre-unknown',
    `${file}: tokenizer.ggml.pre is "${name}", which is no known pre-tokenizer, so texts would get wrong ids`,
    {
      name,
    },
  )
}

export function bytePairStages(
  source: GgufVocabulary,
  vocabulary: { readonly [token: string]: number },
  file: string,
): Stages & { readonly notes: readonly string[] } {
  const { name, pre } = preTokenizerOf(source, file)
  const { merges, dropped } = mergePairs(source.merges ?? [], vocabulary)
  const normalized = NORMALIZED.has(name)
  const notes = [
    ...(normalized
      ? [`Texts are brought into the form NFC first, as published tokenizers under the name "${name}" do; the GGUF does not say so.`]
      : []),
    ...(dropped === 0 ? [] : [`${dropped} of ${source.merges?.length} merges are left out, since they need texts that are no tokens.`]),
  ]
  const spaced = pre.spaced === true
  return {
    normalizer: spaced ? { type: 'Replace', pattern: { String: ' ' }, content: '▁' } : normalized ? { type: 'NFC' } : null,
    preTokenizer: preTokenizerJson(pre.splitter),
    decoder: spaced ? spacedDecoder : byteLevelDecoder,
    model: bytePairModel({ vocabulary, merges, ignoreMerges: pre.ignoreMerges === true, byteFallback: spaced }),
    notes,
  }
}

const spacedDecoder: Json = {
  type: 'Sequence',
  decoders: [
    { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
  ] satisfies readonly JsonObject[],
}

/** The Rust library refuses a merge whose parts or join are no tokens; llama.cpp takes it for a step on the way. */
function mergePairs(merges: readonly string[], vocabulary: { readonly [token: string]: number }) {
  const pairs: (readonly [string, string])[] = []
  for (const merge of merges) {
    // A token may begin with a space, so the halves part at the second character's space or later.
    const space = merge.indexOf(' ', 1)
    const [left, right] = [merge.slice(0, Math.max(0, space)), merge.slice(space + 1)]
    if ([left, right, left + right].every((text) => Object.hasOwn(vocabulary, text))) pairs.push([left, right])
  }
  return { merges: pairs, dropped: merges.length - pairs.length }
}
