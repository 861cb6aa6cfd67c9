// The tokenizer of an opened model as files to put beside its weights: copied unchanged where they are there, made where they are not.
// How they are made is `@fs/tokenizer/to-json`'s business.
import type { Notice } from '@fs/arch'
import type { Folder } from '@fs/core'
import {
  openTokenizer,
  readTokenizerFiles,
  type SpecialIds,
  TOKENIZER_FILE_NAMES,
  type Tokenizer,
  type TokenizerFiles,
} from '@fs/tokenizer'
import { tokenizerFilesFromGguf, tokenizerFilesFromModel, type WrittenTokenizer } from '@fs/tokenizer/to-json'
import { convertError } from '../errors.ts'
import type { OpenedModel } from '../open-model.ts'
import { readBytes } from '../read-text.ts'

export type TokenizerFolder = {
  /** Contents by file name. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** The tokenizer these files make. */
  readonly tokenizer: Tokenizer
  /** Its special tokens, and what else the checkpoint knows to end a turn or a message. */
  readonly special: SpecialIds
  readonly notices: readonly Notice[]
}

/**
 * tokenizer.json, tokenizer_config.json and whatever else the checkpoint has of that kind.
 * @throws FsError `convert/tokenizer-missing`, and what the tokenizer refuses
 */
export async function tokenizerFolder(model: OpenedModel): Promise<TokenizerFolder> {
  const { checkpoint } = model
  const files = await readTokenizerFiles(checkpoint.folder, checkpoint.config)
  const stored = await storedFiles(checkpoint.folder)
  if (files.tokenizerJson !== undefined) {
    const tokenizer = openTokenizer(files)
    return { files: stored, tokenizer, special: tokenizer.special, notices: [] }
  }
  if (stored.size > 0 && hasVocabulary(files)) return written(tokenizerFilesFromModel(files), stored, files)
  if (checkpoint.metadata?.has('tokenizer.ggml.model')) {
    return written(tokenizerFilesFromGguf(checkpoint.metadata, checkpoint.name), new Map(), {})
  }
  throw convertError(
    'convert/tokenizer-missing',
    `${checkpoint.name} has no tokenizer.json and no tokenizer.model; copy them from the model it was made from`,
    { folder: checkpoint.name },
  )
}

async function storedFiles(folder: Folder): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const name of TOKENIZER_FILE_NAMES) {
    const bytes = await readBytes(folder, name, Number.POSITIVE_INFINITY)
    if (bytes !== undefined) files.set(name, bytes)
  }
  return files
}

function hasVocabulary({ tokenizerModel, vocabularyJson, vocabularyText }: TokenizerFiles): boolean {
  return tokenizerModel !== undefined || vocabularyJson !== undefined || vocabularyText !== undefined
}

function written(made: WrittenTokenizer, stored: ReadonlyMap<string, Uint8Array>, files: TokenizerFiles): TokenizerFolder {
  const encoder = new TextEncoder()
  const all = new Map(stored)
  all.set('tokenizer.json', encoder.encode(made.tokenizerJson))
  if (!stored.has('tokenizer_config.json')) all.set('tokenizer_config.json', encoder.encode(made.tokenizerConfig))
  if (made.tokenizerModel !== undefined) all.set('tokenizer.model', made.tokenizerModel)
  const { tokenizerJson, tokenizerConfig } = made
  return {
    files: all,
    tokenizer: openTokenizer({ ...files, tokenizerJson, tokenizerConfig }),
    special: made.special,
    notices: made.notes.map((message) => ({ code: 'folder/tokenizer', message })),
  }
}
