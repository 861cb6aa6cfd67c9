// Multiple choice: which answer does a model find likeliest after the question? The measure of llama-perplexity --multiple-choice
// (tools/perplexity/perplexity.cpp); its file is read in `multiple-choice-file.ts`.
import type { LanguageModel } from '@fs/core'
import { type Accuracy, accuracyOf, type ChoiceOptions, deviation, percentLine } from './accuracy.ts'
import type { MultipleChoiceTask } from './multiple-choice-file.ts'
import { checkFits, likeliestOf, scoreEndings } from './score-endings.ts'

export type MultipleChoice = Accuracy & {
  /** Accuracy of guessing: one over the mean number of answers. */
  readonly chance: number
}

export type MultipleChoiceOptions = ChoiceOptions & { readonly onTask?: (accuracy: Accuracy) => void }

/** @throws FsError `eval/context-length` for a task longer than the model holds, and what the model throws */
export async function measureMultipleChoice(
  model: LanguageModel,
  tasks: readonly MultipleChoiceTask[],
  options: MultipleChoiceOptions,
): Promise<MultipleChoice> {
  let [right, answers] = [0, 0]
  let measured = accuracyOf(0, 0)
  for (const [index, task] of tasks.entries()) {
    options.signal?.throwIfAborted()
    const texts = task.answers.map(({ text }) => options.encode(`${task.question} ${text}`))
    checkFits(model, texts, index + 1)
    if (task.answers[likeliestOf(await scoreEndings(model, texts))]!.right) right++
    answers += texts.length
    measured = accuracyOf(right, index + 1)
    options.onTask?.(measured)
  }
  return { ...measured, chance: tasks.length / answers }
}

/** llama-perplexity's line after each task. */
export function multipleChoiceLine({ tasks, accuracy }: Accuracy): string {
  return `${tasks}\t${(100 * accuracy).toFixed(8)}`
}

/** llama-perplexity's last two lines. */
export function multipleChoiceFinalLines({ tasks, accuracy, uncertainty, chance }: MultipleChoice): string {
  return `Final result: ${percentLine(accuracy, uncertainty)}\nRandom chance: ${percentLine(chance, deviation(chance, tasks))}`
}
