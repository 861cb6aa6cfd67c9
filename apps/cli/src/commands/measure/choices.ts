// `fartsovka perplexity --hellaswag | --winogrande | --multiple-choice`: llama-perplexity's lines for tasks with answers to choose from.
import { readFileSync } from 'node:fs'
import {
  type Accuracy,
  drawHellaswag,
  drawWinogrande,
  hellaswagLine,
  measureHellaswag,
  measureMultipleChoice,
  measureWinogrande,
  multipleChoiceFinalLines,
  multipleChoiceLine,
  parseHellaswag,
  parseWinogrande,
  readMultipleChoice,
  winograndeFinalLine,
  winograndeLine,
} from '@fs/eval'
import type { Command } from 'commander'
import { cliError } from '../../errors.ts'
import { EXIT, type ExitCode } from '../../exit-codes.ts'
import { wholeNumber } from '../../options.ts'
import { type Terminal, userPath } from '../../terminal/terminal.ts'
import { type MeasuredModel, type MeasureOptions, openMeasured } from './measured-model.ts'

const BENCHMARKS = ['hellaswag', 'winogrande', 'multiple-choice'] as const
type Benchmark = (typeof BENCHMARKS)[number]

export type ChoicesOptions = MeasureOptions & {
  readonly context: number
  readonly hellaswag?: string
  readonly hellaswagTasks: number
  readonly winogrande?: string
  readonly winograndeTasks?: number
  readonly multipleChoice?: string
  readonly multipleChoiceTasks?: number
}

/** llama-perplexity gives tasks four contexts together, and one may take them all. */
const CONTEXTS = 4

/** llama-perplexity's last line of WinoGrande needs so many tasks. */
const FINAL_TASKS = 100

export function addChoicesOptions(command: Command): Command {
  return command
    .option('--hellaswag <file>', 'instead: how often the right of four endings is the likeliest; six lines a task')
    .option('--hellaswag-tasks <n>', 'at most so many of them, drawn as llama-perplexity draws', wholeNumber, 400)
    .option('--winogrande <file>', 'instead: how often the right name fits the gap best; a CSV line a task')
    .option('--winogrande-tasks <n>', 'at most so many of them (default: all)', wholeNumber)
    .option('--multiple-choice <file>', 'instead: how often a right answer is the likeliest; llama-perplexity’s binary file')
    .option('--multiple-choice-tasks <n>', 'at most so many of them (default: all)', wholeNumber)
}

type Chosen = { readonly benchmark: Benchmark; readonly file: string }

/** Which tasks are asked for; undefined for none. @throws FsError `cli/usage` for more than one kind */
export function chosenBenchmark(options: ChoicesOptions): Chosen | undefined {
  const files = { hellaswag: options.hellaswag, winogrande: options.winogrande, 'multiple-choice': options.multipleChoice }
  const asked = BENCHMARKS.flatMap((benchmark) => (files[benchmark] === undefined ? [] : [{ benchmark, file: files[benchmark] }]))
  if (asked.length > 1) throw cliError('cli/usage', `choose one of ${asked.map(({ benchmark }) => `--${benchmark}`).join(' and ')}`, {})
  return asked[0]
}

export async function answerTasks(
  name: string,
  { benchmark, file }: Chosen,
  options: ChoicesOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const bytes = readTasks(file, benchmark, terminal)
  const tasks = tasksIn(bytes, benchmark, file, options)
  const model = await openMeasured(name, CONTEXTS * options.context, options, terminal)
  try {
    const { accuracy, lines } = await tasks(model, (line) => options.quiet || terminal.err(`${line}\n`), terminal.signal)
    terminal.out(options.json ? `${JSON.stringify({ model: name, benchmark, file, ...accuracy })}\n` : `${lines.join('\n')}\n`)
    return EXIT.done
  } finally {
    await model.close()
  }
}

/** Tasks ready to be put to a model. @returns figures, and what is printed last */
type Tasks = (
  model: MeasuredModel,
  tell: (line: string) => void,
  signal: AbortSignal,
) => Promise<{ readonly accuracy: Accuracy; readonly lines: readonly string[] }>

/** Files are read whole before a model is opened, so that what is wrong in one costs no wait. */
function tasksIn(bytes: Uint8Array, benchmark: Benchmark, file: string, options: ChoicesOptions): Tasks {
  const encode =
    ({ tokenizer }: MeasuredModel) =>
    (text: string) =>
      tokenizer.encode(text, { addSpecialTokens: true })
  switch (benchmark) {
    case 'hellaswag': {
      const tasks = drawHellaswag(parseHellaswag(new TextDecoder().decode(bytes), file), options.hellaswagTasks)
      return async (model, tell, signal) => {
        const onTask = (sofar: Accuracy) => tell(hellaswagLine(sofar))
        const accuracy = await measureHellaswag(model.language, tasks, { encode: encode(model), signal, onTask })
        return { accuracy, lines: [hellaswagLine(accuracy)] }
      }
    }
    case 'winogrande': {
      const tasks = drawWinogrande(
        parseWinogrande(new TextDecoder().decode(bytes), file),
        options.winograndeTasks ?? Number.POSITIVE_INFINITY,
      )
      return async (model, tell, signal) => {
        let last = ''
        const accuracy = await measureWinogrande(model.language, tasks, {
          encode: encode(model),
          signal,
          onTask: (answer, sofar) => {
            last = winograndeLine(answer, sofar)
            tell(last)
          },
        })
        return { accuracy, lines: [accuracy.tasks < FINAL_TASKS ? last : winograndeFinalLine(accuracy)] }
      }
    }
    case 'multiple-choice': {
      const tasks = readMultipleChoice(bytes, file, options.multipleChoiceTasks)
      return async (model, tell, signal) => {
        const onTask = (sofar: Accuracy) => tell(multipleChoiceLine(sofar))
        const accuracy = await measureMultipleChoice(model.language, tasks, { encode: encode(model), signal, onTask })
        return { accuracy, lines: [multipleChoiceFinalLines(accuracy)] }
      }
    }
    default:
      return benchmark satisfies never
  }
}

function readTasks(file: string, benchmark: Benchmark, terminal: Terminal): Uint8Array {
  try {
    return readFileSync(userPath(terminal, file))
  } catch (cause) {
    throw cliError('cli/usage', `--${benchmark} ${file} cannot be read`, { file }, cause)
  }
}
