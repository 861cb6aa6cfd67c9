// Keys that llama.cpp's converter leaves out although its loader then does otherwise than the tokenizer: written here, and said.
// What the converter does write is never changed.
import type { MetadataValue } from '@fs/core'
import { ROLE_KEYS, TOKEN_TYPES } from '../gguf/read.ts'
import type { Tokenizer } from '../tokenizer.ts'
import type { VocabularyBody } from './bodies.ts'

type Correction = { readonly key: string; readonly value: MetadataValue; readonly note: string }

/** What the loader takes for these ids when the file does not name them (`llama_vocab::impl::load`, src/llama-vocab.cpp). */
const DEFAULT_IDS = {
  llama: { bos: 1, eos: 2, unk: 0 },
  gpt2: { bos: 11, eos: 11, unk: undefined },
  bert: { bos: 101, eos: undefined, unk: 100 },
  t5: { bos: undefined, eos: 1, unk: 2 },
} as const satisfies { readonly [Kind in VocabularyBody['kind']]: object }

/** Ids of bos, eos and unknown, and whether the first two are put around a text; BERT's kind always does that. */
export function specialCorrections(
  metadata: ReadonlyMap<string, MetadataValue>,
  body: VocabularyBody,
  tokenizer: Tokenizer,
): readonly Correction[] {
  const rows = body.rows.tokens.length
  const ids = (['bos', 'eos', 'unk'] as const).flatMap((role): readonly Correction[] => {
    const [id, key] = [tokenizer.special[role], ROLE_KEYS[role]]
    if (id === undefined || id >= rows || metadata.has(key) || DEFAULT_IDS[body.kind][role] === id) return []
    return [
      {
        key,
        value: { type: 'UINT32', value: id },
        note: `${key} is written as ${id}, since llama.cpp would take another token by itself.`,
      },
    ]
  })
  const frame = [
    { key: 'tokenizer.ggml.add_bos_token', wanted: tokenizer.addBos, otherwise: body.defaults.addBos, name: 'bos' },
    { key: 'tokenizer.ggml.add_eos_token', wanted: tokenizer.addEos, otherwise: body.defaults.addEos, name: 'eos' },
  ].flatMap(({ key, wanted, otherwise, name }): readonly Correction[] => {
    if (body.kind === 'bert' || metadata.has(key) || wanted === otherwise) return []
    const does = wanted ? 'adds' : 'does not add'
    return [
      {
        key,
        value: { type: 'BOOL', value: wanted },
        note: `${key} is written, since the tokenizer ${does} ${name} and llama.cpp would do otherwise.`,
      },
    ]
  })
  return [...ids, ...frame]
}

/** Of SentencePiece kinds the loader puts a space before a text unless told otherwise. No note: families whose converter knows write the same. */
export function spacePrefixCorrection(
  metadata: ReadonlyMap<string, MetadataValue>,
  body: VocabularyBody,
): readonly (readonly [string, MetadataValue])[] {
  const key = 'tokenizer.ggml.add_space_prefix'
  return body.addSpacePrefix === false && !metadata.has(key) ? [[key, { type: 'BOOL', value: false }]] : []
}

/** llama.cpp looks up the bytes of a character without a token, and does not catch it when they are missing (`byte_to_token`). */
export function missingByteNotes({ kind, rows }: VocabularyBody): readonly string[] {
  const bytes = rows.types.filter((type) => type === TOKEN_TYPES.BYTE).length
  if (kind !== 'llama' || bytes === 256) return []
  return [`The vocabulary has ${bytes} of the 256 byte tokens; llama.cpp ends the process at a character the vocabulary does not have.`]
}
