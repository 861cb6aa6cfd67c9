// HellaSwag: which of four endings does a model find likeliest? File form and measure of llama-perplexity --hellaswag
// (tools/perplexity/perplexity.cpp): accuracy by mean log-probability of an ending's tokens, with a Wilson interval.
import type { LanguageModel } from '@fs/core'
import { evalError } from '../errors.ts'
import { fromLogits } from '../scoring/log-probabilities.ts'

export type HellaswagTask = { readonly context: string; readonly endings: readonly string[]; readonly right: number }

export type Accuracy = {
  readonly tasks: number
  /** Share of one. */
  readonly accuracy: number
  /** 95 % confidence interval. */
  readonly interval: readonly [number, number]
}

const LINES = 6
const ENDINGS = 4

/**
 * @param text six lines a task: context, number of the right ending from 0, four endings
 * @throws FsError `eval/tasks-file` with the line
 */
export function parseHellaswag(text: string, file: string): readonly HellaswagTask[] {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/)
  if (lines.length % LINES !== 0)
    throw evalError('eval/tasks-file', `${file} has ${lines.length} lines; a HellaSwag task has six`, { file, lines: lines.length })
  return Array.from({ length: lines.length / LINES }, (_, task) => {
    const [context, number, ...endings] = lines.slice(task * LINES, (task + 1) * LINES)
    const right = Number(number)
    if (!/^\d$/.test(number!.trim()) || right >= ENDINGS) {
      const line = task * LINES + 2
      throw evalError('eval/tasks-file', `${file}, line ${line}: ${JSON.stringify(number)} is not the number of an ending, 0 to 3`, {
        file,
        line,
      })
    }
    return { context: context!, endings, right }
  })
}

export type HellaswagOptions = {
  /** A text's tokens, with those its tokenizer puts around it. */
  readonly encode: (text: string) => readonly number[]
  readonly onTask?: (accuracy: Accuracy) => void
  readonly signal?: AbortSignal
}

/** @throws FsError what the model throws: a task longer than its context, for one */
export async function measureHellaswag(
  model: LanguageModel,
  tasks: readonly HellaswagTask[],
  options: HellaswagOptions,
): Promise<Accuracy> {
  let right = 0
  let measured = accuracyOf(0, 0)
  for (const [index, task] of tasks.entries()) {
    options.signal?.throwIfAborted()
    const texts = task.endings.map((ending) => options.encode(`${task.context} ${ending}`))
    const scores = await scoreEndings(model, texts)
    if (scores.indexOf(Math.max(...scores)) === task.right) right++
    measured = accuracyOf(right, index + 1)
    options.onTask?.(measured)
  }
  return measured
}

/** Mean log-probability of each text's tokens after the ones all begin with, which are computed once. */
export async function scoreEndings(model: LanguageModel, texts: readonly (readonly number[])[]): Promise<readonly number[]> {
  const shared = sharedPrefix(texts)
  const sequence = model.createSequence()
  try {
    const first = await model.prefill({ sequence, tokens: texts[0]!.slice(0, shared) }, 'last')
    const scores: number[] = []
    for (const tokens of texts) {
      const rest = tokens.slice(shared)
      const inner = rest.length > 1 ? await model.prefill({ sequence, tokens: rest.slice(0, -1) }, 'all') : new Float32Array()
      sequence.truncate(shared)
      const logits = new Float32Array(first.length + inner.length)
      logits.set(first)
      logits.set(inner, first.length)
      const { values, normalizers } = fromLogits(logits, model.vocabularySize)
      const sum = rest.reduce((total, token, row) => total + values[row * model.vocabularySize + token]! - normalizers[row]!, 0)
      scores.push(sum / rest.length)
    }
    return scores
  } finally {
    sequence.dispose()
  }
}

/** At least one token of each text stays to be scored. */
function sharedPrefix(texts: readonly (readonly number[])[]): number {
  const most = Math.min(...texts.map(({ length }) => length)) - 1
  let shared = 0
  while (shared < most && texts.every((tokens) => tokens[shared] === texts[0]![shared])) shared++
  return shared
}

/** Wilson's interval at 95 %. */
function accuracyOf(right: number, tasks: number): Accuracy {
  if (tasks === 0) return { tasks, accuracy: 0, interval: [0, 1] }
  const accuracy = right / tasks
  const square = 1.95996398454 ** 2
  const share = square / tasks
  const spread = Math.sqrt(share * (4 * accuracy * (1 - accuracy) + share)) / 2
  const end = (sign: number) => (accuracy + share / 2 + sign * spread) / (1 + share)
  return { tasks, accuracy, interval: [end(-1), end(1)] }
}

/** llama-perplexity's line after each task. */
export function hellaswagLine({ tasks, accuracy, interval: [low, high] }: Accuracy): string {
  return `${tasks}\t${(100 * accuracy).toFixed(8)}%\t[${(100 * low).toFixed(4)}%, ${(100 * high).toFixed(4)}%]`
}
