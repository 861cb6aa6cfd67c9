// Settings that change single logits: bias and penalties. Each is a function of the row and the tokens so far, writes to a copy the
// caller owns, and touches only the tokens concerned.

/** What a sequence has so far, for the settings that look back. */
export type History = {
  /** Prompt and completion. */
  readonly tokens: readonly number[]
  /** How many of them are the prompt. */
  readonly promptLength: number
}

/** Changes logits in place. */
export type Adjuster = (logits: Float32Array, history: History) => void

export function biasAdjuster(bias: ReadonlyMap<number, number>): Adjuster {
  const entries = [...bias]
  return (logits) => {
    for (const [id, value] of entries) logits[id]! += value
  }
}

/** Over prompt and completion, as transformers and vLLM do: a model that repeats its prompt repeats. */
export function repetitionAdjuster(penalty: number, window: number): Adjuster {
  return (logits, { tokens }) => {
    for (const id of new Set(lastOf(tokens, 0, window))) {
      const logit = logits[id]!
      logits[id] = logit > 0 ? logit / penalty : logit * penalty
    }
  }
}

/** Over the completion only, as OpenAI and vLLM do: a question about apples may be answered with apples. */
export function occurrenceAdjuster(presence: number, frequency: number, window: number): Adjuster {
  return (logits, { tokens, promptLength }) => {
    const counts = new Map<number, number>()
    for (const id of lastOf(tokens, promptLength, window)) counts.set(id, (counts.get(id) ?? 0) + 1)
    for (const [id, count] of counts) logits[id]! -= presence + frequency * count
  }
}

function lastOf(tokens: readonly number[], start: number, window: number): readonly number[] {
  return tokens.slice(Math.max(start, tokens.length - window))
}
