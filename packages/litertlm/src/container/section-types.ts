// The kinds of sections a `.litertlm` file may hold, by their number in its header. What is in them is read elsewhere.

/** `AnySectionDataType` of `schema/core/litertlm_header_schema.fbs` (google-ai-edge/LiteRT-LM); 0 is none, 2 is deprecated. */
export const SECTION_TYPES = {
  /** Bytes without a meaning of their own. */
  'generic-binary': 1,
  'tflite-model': 3,
  /** A raw SentencePiece model. */
  'sentencepiece-tokenizer': 4,
  /** A protobuf `LlmMetadata`. */
  'llm-metadata': 5,
  /** tokenizer.json behind its length, compressed with zlib. */
  'huggingface-tokenizer': 6,
  'tflite-weights': 7,
  'executor-metadata': 8,
} as const satisfies { readonly [name: string]: number }

export type SectionType = keyof typeof SECTION_TYPES

export function sectionTypeOf(number: number): SectionType | undefined {
  return (Object.keys(SECTION_TYPES) as SectionType[]).find((name) => SECTION_TYPES[name] === number)
}
