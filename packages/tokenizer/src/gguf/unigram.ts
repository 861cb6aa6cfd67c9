// GGUF vocabularies of the kind "t5": SentencePiece's unigram model with its normalization table.
// Source: `llm_tokenizer_ugm` (src/llama-vocab.cpp).
import { assembleTokenizer } from '../assemble.ts'
import { byteFallbackDecoder } from '../decoders/byte-fallback.ts'
import { createNormalizer } from '../sentencepiece/normalize.ts'
import { createUnigramModel } from '../subword/unigram.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { controlIds, literalMatcher, specialIds, tokenIdMap, usableIds } from './common.ts'
import { type GgufVocabulary, TOKEN_TYPES } from './read.ts'
import { spacedPiece } from './sentencepiece.ts'

/** @throws FsError when the normalization table is malformed. */
export function unigramTokenizer(vocabulary: GgufVocabulary, file: string): Tokenizer {
  const { tokens, types, scores } = vocabulary
  const special = specialIds(vocabulary, { eos: 1, unk: 2, pad: 0 })
  const control = controlIds(vocabulary, special)
  const addDummyPrefix = vocabulary.addSpacePrefix ?? true
  const normalize = createNormalizer(
    {
      precompiledCharsmap: vocabulary.precompiledCharsmap,
      addDummyPrefix,
      removeExtraWhitespaces: vocabulary.removeExtraWhitespaces ?? false,
      escapeWhitespaces: true,
      treatWhitespaceAsSuffix: false,
    },
    `${file}: tokenizer.ggml.precompiled_charsmap`,
  )
  const lowest = scores.reduce((least, score, id) => (types[id] === TOKEN_TYPES.NORMAL ? Math.min(least, score) : least), 0)
  const model = createUnigramModel({
    // A user's token counts 0, more than any log probability.
    pieces: [...usableIds(vocabulary, control)].map(([text, id]) => ({
      text,
      id,
      score: types[id] === TOKEN_TYPES.USER_DEFINED ? 0 : scores[id]!,
    })),
    unknownId: special.unk,
    unknownScore: lowest - 10,
    fuseUnknown: true,
  })
  return assembleTokenizer({
    tokens,
    tokenIds: tokenIdMap(tokens),
    special,
    controlIds: control,
    frame: {
      before: (vocabulary.addBos ?? false) && special.bos !== undefined ? [special.bos] : [],
      after: (vocabulary.addEos ?? true) && special.eos !== undefined ? [special.eos] : [],
    },
    literals: literalMatcher(vocabulary, control),
    separateSegments: false,
    encodeSection: (text, _offset, _mayBeControl, output) => model.encode(normalize(text, true), output),
    decoder: byteFallbackDecoder({
      stripStart: addDummyPrefix ? 1 : 0,
      piece: (id) => spacedPiece(vocabulary, id),
    }),
  })
}
