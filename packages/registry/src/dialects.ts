// The only list of dialects: how checkpoints that were not published in Hugging Face's form are read in its words.
// Which checkpoint is written in which is for whoever opened it to say.
import type { Dialect } from '@fs/arch/dialect'
import { ggmlBloom, ggmlGpt2, ggmlGptJ, ggmlGptNeox, ggmlMpt, nanoGpt } from '@fs/arch-gpt'
import { ggmlLlama, llama2c, meta } from '@fs/arch-llama'

/** Under the names containers give them: `ggml-` and the model's id in `@fs/formats/ggml`. */
export const DIALECTS = {
  meta,
  llama2c,
  nanogpt: nanoGpt,
  'ggml-llama': ggmlLlama,
  'ggml-gptneox': ggmlGptNeox,
  'ggml-gptj': ggmlGptJ,
  'ggml-gpt2': ggmlGpt2,
  'ggml-bloom': ggmlBloom,
  'ggml-mpt': ggmlMpt,
} as const satisfies { readonly [id: string]: Dialect }

export type DialectId = keyof typeof DIALECTS
