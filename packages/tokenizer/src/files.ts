// The tokenizer files of a checkpoint, read whole. Which of them are there decides how the tokenizer is made.
// Nothing is parsed here.
import type { Folder, JsonObject } from '@fs/core'
import { fail } from './errors.ts'
import { MOST_FILE_BYTES } from './limits.ts'

/** Text or bytes of each file that is there, by role; names in the comments. */
export type TokenizerFiles = {
  /** tokenizer.json: its text, or its bytes, which take far less memory to be read */
  readonly tokenizerJson?: string | Uint8Array
  /** tokenizer_config.json */
  readonly tokenizerConfig?: string
  /** special_tokens_map.json */
  readonly specialTokensMap?: string
  /** added_tokens.json */
  readonly addedTokens?: string
  /** tokenizer.model: SentencePiece's protobuf, or tiktoken's lines */
  readonly tokenizerModel?: Uint8Array
  /** vocab.json and merges.txt, the pair that came before tokenizer.json */
  readonly vocabularyJson?: string
  readonly mergesText?: string
  /** vocab.txt of WordPiece */
  readonly vocabularyText?: string
  /** config.json, parsed: ids of special tokens */
  readonly config?: JsonObject
}

const TEXT_FILES = {
  tokenizerConfig: 'tokenizer_config.json',
  specialTokensMap: 'special_tokens_map.json',
  addedTokens: 'added_tokens.json',
  vocabularyJson: 'vocab.json',
  mergesText: 'merges.txt',
  vocabularyText: 'vocab.txt',
} as const satisfies { readonly [Role in keyof TokenizerFiles]?: string }

/** Names of every file {@link readTokenizerFiles} looks for, so that a download can fetch them and nothing else. */
export const TOKENIZER_FILE_NAMES: readonly string[] = ['tokenizer.json', ...Object.values(TEXT_FILES), 'tokenizer.model']

/**
 * Reads the tokenizer files of a folder.
 * @param config the checkpoint's config.json, when it was parsed already.
 * @throws FsError when a file is over 256 MB, or cannot be read.
 */
export async function readTokenizerFiles(folder: Folder, config?: JsonObject): Promise<TokenizerFiles> {
  const bytesOf = async (name: string): Promise<Uint8Array | undefined> => {
    const entry = folder.files.get(name)
    if (entry === undefined) return undefined
    if (entry.size > MOST_FILE_BYTES) {
      throw fail('tokenizer/too-large', `${name} has ${entry.size} bytes; no tokenizer file is larger than ${MOST_FILE_BYTES}`, {
        name,
        size: entry.size,
      })
    }
    const source = await folder.open(name)
    try {
      return await source.read(0, source.size)
    } finally {
      await source.close()
    }
  }
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const texts = await Promise.all(
    Object.entries(TEXT_FILES).map(async ([role, name]) => {
      const bytes = await bytesOf(name)
      if (bytes === undefined) return []
      try {
        return [[role, decoder.decode(bytes)] as const]
      } catch (cause) {
        throw fail('tokenizer/malformed', `${name} is not UTF-8 text; download it again`, { name }, cause)
      }
    }),
  )
  const tokenizerJson = await bytesOf('tokenizer.json')
  const tokenizerModel = await bytesOf('tokenizer.model')
  return {
    ...(Object.fromEntries(texts.flat()) as { readonly [Role in keyof typeof TEXT_FILES]?: string }),
    ...(tokenizerJson !== undefined && { tokenizerJson }),
    ...(tokenizerModel !== undefined && { tokenizerModel }),
    ...(config !== undefined && { config }),
  }
}
