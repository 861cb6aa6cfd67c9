// WinoGrande: which of two names belongs in the gap of a sentence? File form and measure of llama-perplexity --winogrande
// (tools/perplexity/perplexity.cpp): the sentence with each name, scored by the mean log-probability of what follows the name.
import type { LanguageModel } from '@fs/core'
import { evalError } from '../errors.ts'
import { type Accuracy, accuracyOf, type ChoiceOptions, percentLine } from './accuracy.ts'
import { drawSome } from './random-tasks.ts'
import { checkFits, type Rows, scoreTexts, sharedPrefix } from './score-endings.ts'

/** The sentence around its gap, and which of two choices belongs there. */
export type WinograndeTask = {
  readonly before: string
  readonly after: string
  readonly choices: readonly [string, string]
  readonly right: 1 | 2
}

export type WinograndeAnswer = {
  /** Mean log-probabilities; NaN where nothing follows the gap, and then the second is taken. */
  readonly scores: readonly [number, number]
  readonly chosen: 1 | 2
  readonly right: 1 | 2
}

/** With more own tokens than this on both sides, the name itself is not scored. */
const TRAILING = 3

/**
 * @param text a line a task: `index,sentence with _,choice,choice,answer`; the sentence in quotes where it has a comma
 * @throws FsError `eval/tasks-file` with the line, also where llama-perplexity would leave the line out and go on
 */
export function parseWinogrande(text: string, file: string): readonly WinograndeTask[] {
  const lines = text.replace(/[\r\n]+$/, '').split(/\r?\n/)
  return lines.map((line, index) => {
    const refuse = (what: string) => evalError('eval/tasks-file', `${file}, line ${index + 1}: ${what}`, { file, line: index + 1 })
    const [, quoted, first, second, answer] = fieldsOf(line) ?? []
    if (answer === undefined) throw refuse('a WinoGrande task has five fields: index, sentence, two choices, 1 or 2')
    const sentence = quoted!.startsWith('"') ? quoted!.slice(1, -1) : quoted!
    const gap = sentence.indexOf('_')
    if (gap < 0) throw refuse('the sentence has no _ for the choices')
    const right = Number.parseInt(answer, 10)
    if (right !== 1 && right !== 2) throw refuse(`${JSON.stringify(answer)} is not the number of a choice, 1 or 2`)
    return { before: sentence.slice(0, gap), after: sentence.slice(gap + 1), choices: [first!, second!], right }
  })
}

/** What the first four commas outside of quotes part, quotes kept; undefined where there are fewer. */
function fieldsOf(line: string): readonly string[] | undefined {
  const fields: string[] = []
  let [start, quoted] = [0, false]
  for (let index = 0; index < line.length && fields.length < 4; index++) {
    if (line[index] === '"') quoted = !quoted
    else if (line[index] === ',' && !quoted) {
      fields.push(line.slice(start, index))
      start = index + 1
    }
  }
  return fields.length === 4 ? [...fields, line.slice(start)] : undefined
}

/** At most so many: all in the file's order, or the ones llama-perplexity draws. */
export function drawWinogrande(tasks: readonly WinograndeTask[], most: number): readonly WinograndeTask[] {
  return drawSome(tasks.length, most).map((index) => tasks[index]!)
}

export type WinograndeOptions = ChoiceOptions & { readonly onTask?: (answer: WinograndeAnswer, accuracy: Accuracy) => void }

/** @throws FsError `eval/context-length` for a task longer than the model holds, and what the model throws */
export async function measureWinogrande(
  model: LanguageModel,
  tasks: readonly WinograndeTask[],
  options: WinograndeOptions,
): Promise<Accuracy> {
  let right = 0
  let measured = accuracyOf(0, 0)
  for (const [index, task] of tasks.entries()) {
    options.signal?.throwIfAborted()
    const answer = await answerWinogrande(model, task, index + 1, options.encode)
    if (answer.chosen === answer.right) right++
    measured = accuracyOf(right, index + 1)
    options.onTask?.(answer, measured)
  }
  return measured
}

async function answerWinogrande(
  model: LanguageModel,
  { before, after, choices, right }: WinograndeTask,
  number: number,
  encode: ChoiceOptions['encode'],
): Promise<WinograndeAnswer> {
  const texts = choices.map((choice) => encode(before + choice + after))
  checkFits(model, texts, number)
  const { shared, first, rest } = await scoreTexts(model, texts, sharedPrefix(texts))
  const skipsChoice = texts.every(({ length }) => length - shared > TRAILING)
  const score = (text: 0 | 1, firstRow: (token: number) => number) => {
    const choiceEnd = skipsChoice ? encode(before + choices[text]).length : shared
    // Where what all begin with ends after the choice, llama.cpp reads another task's numbers; and nothing predicts a first token.
    return meanFrom(Math.max(choiceEnd, shared, 1), texts[text]!, shared, rest[text]!, firstRow)
  }
  const left = score(0, (token) => first.at(0, token))
  // As llama.cpp does, and calls wrong itself: where the second text is scored from its first own token on, that token is held against what
  // follows the whole first text.
  const source = rest[0]!.count === 0 ? first : rest[0]!
  const other = score(1, (token) => source.at(source.count - 1, token))
  return { scores: [left, other], chosen: left > other ? 1 : 2, right }
}

/** Mean from one position on, without the last token, a full stop, unless it is all there is. */
function meanFrom(from: number, tokens: readonly number[], shared: number, own: Rows, firstRow: (token: number) => number): number {
  const end = tokens.length - from > 1 ? tokens.length - 1 : tokens.length
  let sum = 0
  for (let position = from; position < end; position++) {
    const token = tokens[position]!
    sum += position === shared ? firstRow(token) : own.at(position - shared - 1, token)
  }
  return sum / (end - from)
}

/** llama-perplexity's line after each task. */
export function winograndeLine({ scores, chosen, right }: WinograndeAnswer, { tasks, accuracy }: Accuracy): string {
  const [left, other] = scores.map((score) => score.toFixed(6).toLowerCase().padStart(10))
  return `${tasks}\t${(100 * accuracy).toFixed(4)}\t${left}  ${other}  ${chosen}  ${right}`
}

/** llama-perplexity's last line, which it prints from 100 tasks on. */
export function winograndeFinalLine({ tasks, accuracy, uncertainty }: Accuracy): string {
  return `Final Winogrande score(${tasks} tasks): ${percentLine(accuracy, uncertainty)}`
}
