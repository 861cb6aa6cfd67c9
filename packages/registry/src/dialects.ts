// The only list of dialects: how checkpoints that were not published in Hugging Face's form are read in its words.
// Which checkpoint is written in which is for whoever opened it to say.
import type { Dialect } from '@fs/arch/dialect'
import { ggmlLlama, llama2c, meta } from '@fs/arch-llama'

/** Under the names containers give them: `ggml-` and the model's id in `@fs/formats/ggml`. */
export const DIALECTS = {
  meta,
  llama2c,
  'ggml-llama': ggmlLlama,
} as const satisfies { readonly [id: string]: Dialect }

export type DialectId = keyof typeof DIALECTS
