// HellaSwag: which of four endings does a model find likeliest? File form and measure of llama-perplexity --hellaswag
// (tools/perplexity/perplexity.cpp): accuracy by mean log-probability of an ending's tokens, with a Wilson interval.
import type { LanguageModel } from '@fs/core'
import { evalError } from '../errors.ts'
import { type Accuracy, accuracyOf, type ChoiceOptions } from './accuracy.ts'
import { drawInTurn } from './random-tasks.ts'
import { checkFits, likeliestOf, scoreEndings } from './score-endings.ts'

export type HellaswagTask = { readonly context: string; readonly endings: readonly string[]; readonly right: number }

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

/** At most so many, the ones llama-perplexity draws, in its order. */
export function drawHellaswag(tasks: readonly HellaswagTask[], most: number): readonly HellaswagTask[] {
  return drawInTurn(tasks.length, most).map((index) => tasks[index]!)
}

export type HellaswagOptions = ChoiceOptions & { readonly onTask?: (accuracy: Accuracy) => void }

/** @throws FsError `eval/context-length` for a task longer than the model holds, and what the model throws */
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
    checkFits(model, texts, index + 1)
    if (likeliestOf(await scoreEndings(model, texts)) === task.right) right++
    measured = accuracyOf(right, index + 1)
    options.onTask?.(measured)
  }
  return measured
}

/** llama-perplexity's line after each task. */
export function hellaswagLine({ tasks, accuracy, interval: [low, high] }: Accuracy): string {
  return `${tasks}\t${(100 * accuracy).toFixed(8)}%\t[${(100 * low).toFixed(4)}%, ${(100 * high).toFixed(4)}%]`
}
