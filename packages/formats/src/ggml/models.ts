// The hyperparameters at the start of a ggml file, per model family: such files do not say what they are, so order and number of these
// fields are all there is to go by. Source: the loaders of rustformers/llm and the examples of ggml, spring 2023.

type Field = { readonly name: string; readonly type: 'i32' | 'f32' }

type GgmlModel = {
  /** In file order; all take four bytes. */
  readonly fields: readonly Field[]
  /** The field that says how many tokens the vocabulary has. */
  readonly vocabularySize: string
  /** Whether the number of tokens is written once more before the vocabulary. */
  readonly countBeforeVocabulary: boolean
  /** A tensor every model of the family has, which tells it from others with fields that would fit. */
  readonly knownBy: RegExp
}

const integers = (...names: readonly string[]): Field[] => names.map((name) => ({ name, type: 'i32' }))
const float = (name: string): Field => ({ name, type: 'f32' })

/** The families, the one most files are of first. */
export const GGML_MODELS = {
  llama: {
    fields: integers('n_vocab', 'n_embd', 'n_mult', 'n_head', 'n_layer', 'n_rot', 'ftype'),
    vocabularySize: 'n_vocab',
    countBeforeVocabulary: false,
    knownBy: /^tok_embeddings\.weight$/,
  },
  gptneox: {
    fields: integers('n_vocab', 'n_ctx', 'n_embd', 'n_head', 'n_layer', 'n_rot', 'use_parallel_residual', 'ftype'),
    vocabularySize: 'n_vocab',
    countBeforeVocabulary: false,
    knownBy: /^gpt_neox\./,
  },
  gptj: {
    fields: integers('n_vocab', 'n_ctx', 'n_embd', 'n_head', 'n_layer', 'n_rot', 'ftype'),
    vocabularySize: 'n_vocab',
    countBeforeVocabulary: true,
    knownBy: /^transformer\.h\.0\.attn\./,
  },
  gpt2: {
    fields: integers('n_vocab', 'n_ctx', 'n_embd', 'n_head', 'n_layer', 'ftype'),
    vocabularySize: 'n_vocab',
    countBeforeVocabulary: true,
    knownBy: /^model\/wte$/,
  },
  bloom: {
    fields: integers('n_vocab', 'n_embd', 'n_mult', 'n_head', 'n_layer', 'ftype'),
    vocabularySize: 'n_vocab',
    countBeforeVocabulary: false,
    knownBy: /^(?:tok_embeddings|word_embeddings)\b/,
  },
  mpt: {
    fields: [
      ...integers('d_model', 'max_seq_len', 'n_head', 'n_layer', 'n_vocab'),
      float('alibi_bias_max'),
      float('clip_qkv'),
      ...integers('ftype'),
    ],
    vocabularySize: 'n_vocab',
    countBeforeVocabulary: false,
    knownBy: /^transformer\.(?:wte|blocks)\b/,
  },
} as const satisfies { readonly [id: string]: GgmlModel }

export type GgmlModelId = keyof typeof GGML_MODELS

export const GGML_MODEL_IDS = Object.keys(GGML_MODELS) as readonly GgmlModelId[]
