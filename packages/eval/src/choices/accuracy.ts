// How often right, and how sure that is: the two forms llama-perplexity prints (tools/perplexity/perplexity.cpp).

export type Accuracy = {
  readonly tasks: number
  /** Share of one. */
  readonly accuracy: number
  /** 95 % confidence interval, by Wilson's formula. */
  readonly interval: readonly [number, number]
  /** One standard deviation of the accuracy; none of a single task. */
  readonly uncertainty: number | null
}

/** What every kind of task is measured with. */
export type ChoiceOptions = {
  /** A text's tokens, with those its tokenizer puts around it. */
  readonly encode: (text: string) => readonly number[]
  readonly signal?: AbortSignal
}

export function accuracyOf(right: number, tasks: number): Accuracy {
  if (tasks === 0) return { tasks, accuracy: 0, interval: [0, 1], uncertainty: null }
  const accuracy = right / tasks
  const square = 1.95996398454 ** 2
  const share = square / tasks
  const spread = Math.sqrt(share * (4 * accuracy * (1 - accuracy) + share)) / 2
  const end = (sign: number) => (accuracy + share / 2 + sign * spread) / (1 + share)
  return { tasks, accuracy, interval: [end(-1), end(1)], uncertainty: deviation(accuracy, tasks) }
}

/** One standard deviation of a share of `tasks`; null of a single task. */
export function deviation(share: number, tasks: number): number | null {
  return tasks < 2 ? null : Math.sqrt((share * (1 - share)) / (tasks - 1))
}

/** `37.5000 +/- 4.8412`, in per cent. */
export function percentLine(share: number, uncertainty: number | null): string {
  return `${(100 * share).toFixed(4)} +/- ${uncertainty === null ? 'nan' : (100 * uncertainty).toFixed(4)}`
}
