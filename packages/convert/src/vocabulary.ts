// The `tokenizer.*` part of a GGUF for a checkpoint: its tokenizer files, its chat templates and its family's habits, brought together.
// How a vocabulary is made is `@fs/tokenizer`'s business.
import type { Notice, VocabularyTraits } from '@fs/arch'
import { findTemplatesInFolder } from '@fs/chat-format/find'
import type { Folder, JsonObject, MetadataValue } from '@fs/core'
import { readTokenizerFiles } from '@fs/tokenizer'
import {
  type GgufVocabularyResult,
  ggufVocabulary,
  type VocabularyTraits as TokenizerTraits,
  type VocabularyOptions,
} from '@fs/tokenizer/vocabulary'
import { convertError } from './errors.ts'
import type { OpenedModel } from './open-model.ts'
import type { MetadataEntries } from './plan/gguf-metadata.ts'

/** Makes a vocabulary from the tokenizer files of a folder: here and now by `vocabularyOfFolder`, or on a thread of its own. */
export type BuildVocabulary = (folder: Folder, config: JsonObject | undefined, options: VocabularyOptions) => Promise<GgufVocabularyResult>

/** @throws FsError `convert/tokenizer-missing`, and what the tokenizer refuses */
export const vocabularyOfFolder: BuildVocabulary = async (folder, config, options) => {
  const files = await readTokenizerFiles(folder, config)
  const { tokenizerJson, tokenizerModel, vocabularyJson, vocabularyText } = files
  if ([tokenizerJson, tokenizerModel, vocabularyJson, vocabularyText].every((file) => file === undefined)) {
    throw convertError(
      'convert/tokenizer-missing',
      `${folder.name} has no tokenizer.json and no tokenizer.model; copy them from the model it was made from`,
      {
        folder: folder.name,
      },
    )
  }
  return ggufVocabulary(files, options)
}

/**
 * @param pre overrides the pre-tokenizer's name
 * @throws FsError what making the vocabulary and finding the templates refuse
 */
export async function readVocabulary(
  model: OpenedModel,
  pre: string | undefined,
  build: BuildVocabulary = vocabularyOfFolder,
): Promise<{ readonly entries: MetadataEntries; readonly notices: readonly Notice[] }> {
  const { checkpoint, description } = model
  if (checkpoint.metadata?.has('tokenizer.ggml.model')) return { entries: storedVocabulary(model), notices: [] }
  const templates = await findTemplatesInFolder(checkpoint.folder)
  const { metadata, report } = await build(checkpoint.folder, checkpoint.config, {
    rows: description.spec.vocabularySize,
    traits: tokenizerTraits(description.vocabulary),
    chatTemplates: [...templates.templates.values()].map(({ name, source }) => ({ name, template: source })),
    ...(pre === undefined ? {} : { pre }),
  })
  const contradicted = templates.contradicted.map((place) => ({
    code: 'convert/chat-template',
    message: `${place} has another chat template than the one that counts; it is left out`,
  }))
  return { entries: [...metadata], notices: [...report.notes.map((message) => ({ code: 'convert/vocabulary', message })), ...contradicted] }
}

/** A vocabulary that is GGUF's already. llama.cpp refuses a file whose embedding has another number of rows. */
function storedVocabulary({ checkpoint, description }: OpenedModel): MetadataEntries {
  const tokens = checkpoint.metadata?.get('tokenizer.ggml.tokens')
  const count = tokens?.type === 'ARRAY' ? tokens.value.length : 0
  const rows = description.spec.vocabularySize
  if (count === rows) return [...(checkpoint.metadata ?? [])].filter(([key]) => key.startsWith('tokenizer.'))
  throw convertError(
    'convert/vocabulary-rows',
    `${checkpoint.name} has ${count} tokens, but the embedding has ${rows} rows; llama.cpp would not load the result`,
    { tokens: count, rows },
  )
}

function tokenizerTraits(traits: VocabularyTraits): TokenizerTraits {
  const after = new Map<string, MetadataValue>()
  for (const [key, value] of Object.entries(traits.tokenIds ?? {})) after.set(`tokenizer.ggml.${key}`, { type: 'UINT32', value })
  if (traits.addSpacePrefix !== undefined) after.set('tokenizer.ggml.add_space_prefix', { type: 'BOOL', value: traits.addSpacePrefix })
  if (traits.addBos !== undefined) after.set('tokenizer.ggml.add_bos_token', { type: 'BOOL', value: traits.addBos })
  return {
    after,
    ...(traits.preferredPre === undefined ? {} : { preferredPre: traits.preferredPre }),
    ...(traits.addedTokens === undefined ? {} : { addedTokens: traits.addedTokens }),
    ...(traits.spacePrefixFromTokenizerConfig ? { spacePrefix: 'from tokenizer_config.json' } : {}),
  }
}
