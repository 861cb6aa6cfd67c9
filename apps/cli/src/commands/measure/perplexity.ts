// `fartsovka perplexity`: llama-perplexity's method, running line and last line; `--save-logits` writes its file of log-probabilities.
import {
  encodeLogitsHeader,
  encodeLogitsRows,
  finalLine,
  type LogProbabilities,
  measurePerplexity,
  runningLine,
  scoreWindows,
} from '@fs/eval'
import type { MeasuredPerplexity } from '@fs/eval/report'
import type { CommandDefinition } from '../../command.ts'
import { cliError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import { wholeNumber } from '../../options.ts'
import { type ForceOption, type OutputFile, openOutput, outputFile } from '../../output-file.ts'
import { printable } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { addChoicesOptions, answerTasks, type ChoicesOptions, chosenBenchmark } from './choices.ts'
import { addEngineOptions, addTextOptions, type MeasureOptions, openMeasured, type TextOptions, windowsOfFile } from './measured-model.ts'
import { reportFile, writeReport } from './write-report.ts'

type PerplexityOptions = MeasureOptions &
  TextOptions &
  ChoicesOptions &
  ForceOption & { readonly saveLogits?: string; readonly report?: string }

export const perplexityCommand: CommandDefinition = (program, run) => {
  const command = program
    .command('perplexity')
    .description('how well a model predicts a text: llama-perplexity’s method and last line')
    .argument('<model...>', 'folder, file, or org/name[@revision][:QUANT]; several are measured one after the other')
    .option('--text <file>', 'the text')
  addChoicesOptions(addEngineOptions(addTextOptions(command)))
    .option('--stride <n>', 'overlapping windows: each scores its last n tokens', wholeNumber)
    .option('--save-logits <file.kld>', 'keep the log-probabilities for kl-divergence --base')
    .option('--report <file.html>', 'write a page with plots; of several models, perplexity against size')
    .option('--force', 'replace existing files')
    .addHelpText('after', '\nExample:\n  fartsovka perplexity model-Q4_K_M.gguf --text wiki.test.raw --chunks 20')
    .action((names: readonly string[], options: PerplexityOptions) =>
      run(async (terminal) => {
        const benchmark = chosenBenchmark(options)
        refuseTogether(names, options, benchmark?.benchmark)
        if (benchmark !== undefined) return answerTasks(names[0]!, benchmark, options, terminal)
        const report = reportFile(options, terminal)
        const saved = options.saveLogits === undefined ? undefined : outputFile(options.saveLogits, options, terminal)
        const models: MeasuredPerplexity[] = []
        for (const name of names) {
          if (names.length > 1 && !options.quiet) terminal.err(printable(`${name}\n`))
          const measured = await measureModel(name, saved, options, terminal)
          models.push(measured)
          if (!options.json) terminal.out(printable(`${names.length > 1 ? `${name}: ` : ''}${finalLine(measured)}\n`))
        }
        const text = { text: options.text!, context: options.context }
        await writeReport(report, (reports) => reports.perplexityReport(text, models))
        if (options.json) {
          const measurement = { ...text, ...(options.stride === undefined ? {} : { stride: options.stride }) }
          const [first, ...others] = models.map((model) => ({ ...model, chunks: model.running.length }))
          terminal.out(
            `${JSON.stringify(others.length === 0 ? { ...measurement, ...first } : { ...measurement, models: [first, ...others] })}\n`,
          )
        }
        return EXIT.done
      }),
    )
}

/** @throws FsError `cli/usage` for options that would be ignored */
function refuseTogether(names: readonly string[], options: PerplexityOptions, benchmark: string | undefined): void {
  const { saveLogits, report, stride, chunks, text } = options
  const one = saveLogits === undefined ? benchmark : 'save-logits'
  if (one !== undefined && names.length > 1) throw cliError('cli/usage', `--${one} is about one model; name one`, {})
  if (benchmark === undefined) return
  const ofText = { text, chunks, stride, 'save-logits': saveLogits, report }
  const odd = Object.entries(ofText).find(([, given]) => given !== undefined)
  if (odd !== undefined)
    throw cliError('cli/usage', `--${odd[0]} is about a text, and --${benchmark} measures tasks; leave one of them out`, {})
}

async function measureModel(
  name: string,
  saved: OutputFile | undefined,
  options: PerplexityOptions,
  terminal: Terminal,
): Promise<MeasuredPerplexity> {
  const model = await openMeasured(name, options.context, options, terminal)
  try {
    const windows = windowsOfFile(model, options, terminal)
    const { vocabularySize } = model.language
    const file = saved === undefined ? undefined : openOutput(saved)
    try {
      file?.write(encodeLogitsHeader(windows, vocabularySize))
      const measured = await measurePerplexity(scoreWindows(model.language, windows), {
        signal: terminal.signal,
        onWindow: (index, perplexity) => options.quiet || terminal.err(runningLine(index, perplexity)),
        ...(file === undefined ? {} : { onPiece: async (piece: LogProbabilities) => file.write(encodeLogitsRows(piece, vocabularySize)) }),
      })
      file?.finish()
      if (!options.quiet) terminal.err('\n')
      return { model: name, size: model.checkpoint.tensors.files.reduce((sum, { size }) => sum + size, 0), ...measured }
    } finally {
      file?.abandon()
    }
  } finally {
    await model.close()
  }
}
