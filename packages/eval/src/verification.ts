// The record of one verification: what was compared, whether it holds, and what was found. Reports and `--json` show it; making it is the app's.
import type { LogitsComparison } from './comparison/compare-logits.ts'
import type { Diagnosis } from './diagnosis/finding.ts'

export type ComparedPrompt = {
  /** The text, or what of the built-in one was taken. */
  readonly prompt: string
  readonly tokens: number
  /** Positions compared, counted from the end. */
  readonly positions: number
  /** Position of the first token the tokenizers disagree in, or null. */
  readonly firstDifferentToken: number | null
  readonly nmse: number
  readonly largestDifference: number
  /** Absent for embeddings. */
  readonly logits?: LogitsComparison
  /** Absent for logits. */
  readonly embeddings?: { readonly meanCosine: number; readonly largestSimilarityDifference: number }
}

/** What `--json` prints: the schema is `docs/schema/verification.schema.json`. */
export type Verification = {
  readonly candidate: string
  readonly reference: string
  /** What ran the candidate: `ort`, `llama.cpp`, `transformers`, or `saved` for logits that ran elsewhere, `none` where nothing was. */
  readonly engine: string
  /** What ran the reference; absent where the candidate could not be opened. */
  readonly referenceEngine?: string
  /** `weights` where nothing was run. */
  readonly measured: 'logits' | 'embeddings' | 'weights'
  readonly holds: boolean
  /** Why it does not hold, then what was found to cause it. */
  readonly reasons: readonly string[]
  /** Normalized mean squared error that was allowed; null where nothing could be compared. */
  readonly maxNmse: number | null
  readonly prompts: readonly ComparedPrompt[]
  readonly diagnosis?: Diagnosis
}
