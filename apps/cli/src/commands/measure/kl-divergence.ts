// `fartsovka kl-divergence`: how far a model's predictions are from another's: against a saved file, or both models side by side.
import {
  type DivergenceStatistics,
  measureDivergence,
  openLogitsFile,
  RUNNING_HEADING,
  runningDivergenceLine,
  type Scored,
  scoreWindows,
  statisticsText,
  type Windows,
} from '@fs/eval'
import { fileSource } from '@fs/formats/node'
import type { CommandDefinition } from '../../command.ts'
import { cliError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import type { ForceOption } from '../../output-file.ts'
import { type Terminal, userPath } from '../../terminal/terminal.ts'
import {
  addEngineOptions,
  addTextOptions,
  beginningTokenOf,
  type MeasuredModel,
  type MeasureOptions,
  openMeasured,
  type TextOptions,
  windowsOfFile,
} from './measured-model.ts'
import { reportFile, writeReport } from './write-report.ts'

type DivergenceOptions = MeasureOptions &
  TextOptions &
  ForceOption & { readonly base?: string; readonly reference?: string; readonly report?: string }

export const klDivergenceCommand: CommandDefinition = (program, run) => {
  const command = program
    .command('kl-divergence')
    .description('how far a model’s predictions are from its original’s: llama-perplexity’s statistics')
    .argument('<model>', 'folder, file, or org/name[@revision][:QUANT]')
    .option('--base <file.kld>', 'log-probabilities saved by perplexity --save-logits or by llama-perplexity')
    .option('--reference <model>', 'the original itself, run side by side over --text')
    .option('--text <file>', 'the text, with --reference')
  addEngineOptions(addTextOptions(command))
    .option('--report <file.html>', 'write a page with plots')
    .option('--force', 'replace an existing page')
    .addHelpText('after', '\nExample:\n  fartsovka kl-divergence model-Q4_K_M.gguf --reference ./model --text wiki.test.raw --chunks 20')
    .action((name: string, options: DivergenceOptions) =>
      run(async (terminal) => {
        const report = reportFile(options, terminal)
        const base = await openBase(options, terminal)
        const model = await openMeasured(name, base.contextLength, options, terminal).catch(async (error) => {
          await base.close()
          throw error
        })
        try {
          const scored = scoreWindows(model.language, base.windowsFor(model))
          if (!options.quiet) terminal.err(`${RUNNING_HEADING}\n`)
          const running: DivergenceStatistics[] = []
          const statistics = await measureDivergence(scored, base.scored, {
            signal: terminal.signal,
            onWindow: (index, sofar) => {
              running.push(sofar)
              if (!options.quiet) terminal.err(`${runningDivergenceLine(index, sofar)}\n`)
            },
          })
          const measurement = { model: name, text: options.text ?? options.base!, context: base.contextLength }
          await writeReport(report, (reports) => reports.divergenceReport(measurement, statistics, running))
          terminal.out(
            options.json
              ? `${JSON.stringify({ ...measurement, ...statistics, running: running.map(({ divergence }) => divergence.value) })}\n`
              : `${statisticsText(statistics)}\n`,
          )
          return EXIT.done
        } finally {
          await model.close()
          await base.close()
        }
      }),
    )
}

type Base = {
  readonly scored: Scored
  readonly contextLength: number
  /** The candidate's own windows, so that a tokenizer that differs shows. */
  windowsFor(model: MeasuredModel): Windows
  close(): Promise<void>
}

async function openBase(options: DivergenceOptions, terminal: Terminal): Promise<Base> {
  if ((options.base === undefined) === (options.reference === undefined))
    throw cliError('cli/usage', 'kl-divergence needs --base FILE.kld, or --reference MODEL with --text FILE', {})
  if (options.base !== undefined) {
    const source = await fileSource(userPath(terminal, options.base))
    const scored = await openLogitsFile(source).catch(async (error) => {
      await source.close()
      throw error
    })
    return {
      scored,
      contextLength: scored.windows.contextLength,
      windowsFor: (model) => {
        const beginning = beginningTokenOf(model.tokenizer, model.checkpoint.name)
        return beginning === undefined ? scored.windows : { ...scored.windows, beginningToken: beginning }
      },
      close: () => source.close(),
    }
  }
  const reference = await openMeasured(options.reference!, options.context, options, terminal)
  try {
    const scored = scoreWindows(reference.language, windowsOfFile(reference, options, terminal))
    return {
      scored,
      contextLength: options.context,
      windowsFor: (model) => windowsOfFile(model, options, terminal),
      close: () => reference.close(),
    }
  } catch (error) {
    await reference.close()
    throw error
  }
}
