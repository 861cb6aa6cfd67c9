// Files of before GGUF (ggml, ggmf, ggjt): the family is known from the container, the vocabulary lies in the file.
// A tokenizer beside the file counts over it, since not every writer of the time kept the tokens' bytes.
import type { Checkpoint, JsonObject } from '@fs/core'
import { vocabularyFromMetadata } from '@fs/formats/ggml'
import { DIALECTS, type DialectId } from '@fs/registry'
import { ggufVocabularyFromScoredTokens, jsonFromTokenBytes } from '@fs/tokenizer/legacy'
import { convertError } from '../errors.ts'
import type { ModelSource, SourceReader } from './model-source.ts'
import { overlayFolder } from './overlay-folder.ts'
import { settingsUnder, translate, viewOf } from './translate.ts'

const TOKENIZER_FILES = ['tokenizer.json', 'tokenizer.model', 'vocab.json'] as const

/** BLOOM's words, where the others have GPT-2's (`pre_tokenizer` of bigscience/bloom's tokenizer.json). */
const BLOOM_SPLIT = String.raw` ?[^(\s|[.,!?…。，、।۔،])]+`

export const readGgml: SourceReader = async (checkpoint) => {
  if (checkpoint.container !== 'ggml') return undefined
  const model = checkpoint.metadata?.get('ggml.model')?.value
  const id = `ggml-${String(model)}`
  if (!isDialect(id)) return undefined
  const { tensors } = checkpoint.tensors
  const settings = settingsUnder(checkpoint.metadata, 'ggml.hyperparameters.')
  const source = translate(DIALECTS[id], viewOf(settings, tensors, `the header of ${checkpoint.name}`), checkpoint, tensors)
  const hasTokenizer = TOKENIZER_FILES.some((name) => checkpoint.folder.files.has(name))
  return hasTokenizer ? source : withVocabulary(source, checkpoint, id)
}

function isDialect(id: string): id is DialectId {
  return Object.hasOwn(DIALECTS, id)
}

/** @throws FsError `convert/tokenizer-missing` when the file's vocabulary does not say enough */
function withVocabulary(source: ModelSource, { metadata, name }: Checkpoint, id: DialectId): ModelSource {
  const vocabulary = vocabularyFromMetadata(metadata ?? new Map())
  if (vocabulary === undefined) return source
  const { tokens, scores } = vocabulary
  if (id === 'ggml-llama') {
    if (scores === undefined) throw unusable(name, 'it has no scores')
    return { ...source, checkpoint: { ...source.checkpoint, metadata: ggufVocabularyFromScoredTokens(tokens, scores, name) } }
  }
  const learned = withoutPadding(tokens)
  const json = tokenizerJson(learned, name, id)
  const folder = overlayFolder(source.checkpoint.folder, new Map([['tokenizer.json', new TextEncoder().encode(json)]]))
  const config = { ...source.checkpoint.config, ...specialIds(learned, id) }
  return { ...source, checkpoint: { ...source.checkpoint, config, folder } }
}

function tokenizerJson(tokens: readonly Uint8Array[], file: string, id: DialectId): string {
  try {
    return id === 'ggml-bloom' ? jsonFromTokenBytes(tokens, file, BLOOM_SPLIT) : jsonFromTokenBytes(tokens, file)
  } catch (cause) {
    throw unusable(file, 'tokens that are parts of characters were not kept', cause)
  }
}

/** Writers of the time filled the vocabulary up to the embedding's rows with empty tokens, or with the last one again. */
function withoutPadding(tokens: readonly Uint8Array[]): readonly Uint8Array[] {
  const counts = new Map<string, number>()
  for (const token of tokens) counts.set(token.join(), (counts.get(token.join()) ?? 0) + 1)
  let end = tokens.length
  for (; end > 0; end--) {
    const key = tokens[end - 1]!.join()
    const count = counts.get(key)!
    if (key !== '' && count === 1) break
    counts.set(key, count - 1)
  }
  return tokens.slice(0, end)
}

/** Ids of the tokens around a text, by their usual spelling: the files do not name them. */
function specialIds(tokens: readonly Uint8Array[], id: DialectId): JsonObject {
  const [bos, eos] = id === 'ggml-bloom' ? ['<s>', '</s>'] : ['<|endoftext|>', '<|endoftext|>']
  const texts = tokens.map((token) => new TextDecoder().decode(token))
  const [bosId, eosId] = [texts.indexOf(bos), texts.indexOf(eos)]
  return { ...(bosId < 0 ? {} : { bos_token_id: bosId }), ...(eosId < 0 ? {} : { eos_token_id: eosId }) }
}

function unusable(file: string, why: string, cause?: unknown) {
  return convertError(
    'convert/tokenizer-missing',
    `the vocabulary in ${file} cannot be used, since ${why}; put the file and the tokenizer.json (or tokenizer.model) of the original model into a folder and convert the folder`,
    { file },
    cause,
  )
}
