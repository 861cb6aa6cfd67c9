// BERT's WordPiece from a GGUF, whose tokens carry `▁` where a word begins instead of `##` where it goes on, as tokenizer.json stages.
import type { GgufVocabulary } from '../gguf/read.ts'
import type { Stages } from './pieces.ts'

/** A token as Hugging Face spells it. */
export function wordPieceText(token: string): string {
  return token.startsWith('▁') ? token.slice(1) : `##${token}`
}

export function wordPieceStages(source: GgufVocabulary, unknown: string, vocabulary: { readonly [token: string]: number }): Stages {
  return {
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      // Absent means as `lowercase` says, in both programs.
      strip_accents: source.stripAccents ?? null,
      lowercase: source.lowercase ?? true,
    },
    preTokenizer: { type: 'BertPreTokenizer' },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: { type: 'WordPiece', unk_token: unknown, continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: vocabulary },
  }
}
