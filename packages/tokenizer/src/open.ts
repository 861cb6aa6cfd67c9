// Opens whatever tokenizer a folder holds. Of several forms the one that says most is taken: tokenizer.json, then tokenizer.model,
// then the vocab.json and merges.txt of before 2020, then BERT's vocab.txt.
import { fail } from './errors.ts'
import type { TokenizerFiles } from './files.ts'
import { jsonFromVocabularyAndMerges, jsonFromVocabularyText } from './huggingface/old-files.ts'
import { tokenizerFromJson } from './huggingface/tokenizer-json.ts'
import { tokenizerFromSentencePiece } from './sentencepiece/tokenizer.ts'
import { isTiktokenModel, jsonFromTiktoken } from './tiktoken/tokenizer-json.ts'
import type { Tokenizer } from './tokenizer.ts'

/** The files with a tokenizer.json made from older forms where it can be, so that only two kinds remain. */
export type ResolvedFiles = TokenizerFiles &
  ({ readonly tokenizerJson: string | Uint8Array } | { readonly tokenizerModel: Uint8Array; readonly tokenizerJson?: never })

/**
 * Brings every form to tokenizer.json or SentencePiece.
 * @throws FsError when the folder holds neither of the known forms, or one that is malformed.
 */
export function resolveFiles(files: TokenizerFiles): ResolvedFiles {
  const { tokenizerJson, tokenizerModel, vocabularyJson, mergesText, vocabularyText } = files
  const tiktoken = tokenizerModel !== undefined && isTiktokenModel(tokenizerModel)
  // Meta's Llama 3 folders have tiktoken's file under SentencePiece's name.
  const { tokenizerModel: _, ...withoutModel } = files
  const rest = tiktoken ? withoutModel : files
  if (tokenizerJson !== undefined) return { ...rest, tokenizerJson }
  if (tiktoken) return { ...withoutModel, tokenizerJson: jsonFromTiktoken(tokenizerModel) }
  if (tokenizerModel !== undefined) return { ...withoutModel, tokenizerModel } as ResolvedFiles
  if (vocabularyJson !== undefined && mergesText !== undefined) {
    return { ...files, tokenizerJson: jsonFromVocabularyAndMerges(vocabularyJson, mergesText, files.tokenizerConfig) }
  }
  if (vocabularyText !== undefined) return { ...files, tokenizerJson: jsonFromVocabularyText(vocabularyText, files.tokenizerConfig) }
  throw fail(
    'tokenizer/no-files',
    'there is no tokenizer here: none of tokenizer.json, tokenizer.model, vocab.json with merges.txt, or vocab.txt; fetch them from where the model is from',
  )
}

/**
 * The tokenizer of a folder's files.
 * @throws FsError when there is none, or it is malformed or unsupported.
 */
export function openTokenizer(files: TokenizerFiles): Tokenizer {
  const resolved = resolveFiles(files)
  return resolved.tokenizerJson === undefined ? tokenizerFromSentencePiece(resolved) : tokenizerFromJson(resolved)
}
