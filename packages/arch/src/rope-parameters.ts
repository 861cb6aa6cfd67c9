// The rotary settings of a model as one value, whichever container they come from.
// Types alone: the spellings are in `rope-hugging-face.ts` and `rope-gguf.ts`, the formulas in `rope-frequencies.ts`.
import type { GgufView } from './checkpoint-view.ts'
import type { RopeScaling } from './spec.ts'

export type RopeParameters = {
  readonly base: number
  readonly scaling: RopeScaling
  /** Base of the layers with a sliding window, where it differs (Gemma 3). */
  readonly slidingBase: number | null
  /** The type the checkpoint names, in transformers' words; `dynamic` is not expressible and treated as `default` up to its trained length. */
  readonly declaredType: string
  /** Optional yarn settings exactly as the checkpoint gives them, so that only these are written again. */
  readonly declared: { readonly [key: string]: number }
}

export type RopeOptions = {
  /** What transformers' configuration class assumes; also llama.cpp's 10000 when a GGUF names no base. */
  readonly missingBase?: number
  /** Base of sliding layers when a checkpoint with such layers names none. */
  readonly missingSlidingBase?: number
  /** Rotated dimensions per head: needed to recognise llama3 scaling in a GGUF's `rope_freqs.weight`. */
  readonly dimensions: (view: GgufView) => number
  /** Families for which llama.cpp's converter writes no `rope.freq_base`. Its loader reads the key all the same: a base other than `missingBase` is written. */
  readonly omitBase?: true
}
