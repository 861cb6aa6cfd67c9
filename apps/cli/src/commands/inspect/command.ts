// `fartsovka inspect`: what a model is, from its headers alone. Remote files are read by ranges, never downloaded.
import { type BundleView, inspectBundle } from '../../bundle/inspect-bundle.ts'
import { openBundle } from '../../bundle/open-bundle.ts'
import type { CommandDefinition, CommonOptions } from '../../command.ts'
import { isExported } from '../../engine/exported-model.ts'
import { cliError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import { wholeNumber } from '../../options.ts'
import { type ModelOptions, resolveRemotely } from '../../resolve-model.ts'
import { printable } from '../../terminal/format.ts'
import { differences, differencesText } from './diff.ts'
import { exportedView, inspectExported } from './exported.ts'
import { overviewOf, overviewText } from './overview.ts'
import { metadataJson, metadataText, templateOf, tensorsJson, tensorsText } from './sections.ts'
import { tensorValues, valuesText } from './values.ts'

type InspectOptions = CommonOptions &
  ModelOptions & {
    readonly tensors?: true
    readonly all?: true
    readonly metadata?: true
    readonly template?: true
    readonly values?: string
    readonly n: number
    readonly diff?: string
  }

export const inspectCommand: CommandDefinition = (program, run) => {
  program
    .command('inspect')
    .description('show configuration, metadata, tensors, tokenizer and chat template; of a remote model only headers are read')
    .argument('<model>', 'folder, file, https:// address, or org/name[@revision][:QUANT]')
    .option('--tensors', 'list the tensors; layers that hold the same are shown once')
    .option('--all', 'with --tensors: a line for each tensor of each layer')
    .option('--metadata', 'list every metadata value or configuration entry')
    .option('--template', 'print the chat template')
    .option('--values <tensor>', 'print the first values of a tensor')
    .option('-n <count>', 'how many values', wholeNumber, 10)
    .option('--diff <other>', 'what differs from the headers of another model')
    .option('--revision <revision>', 'branch, tag or commit on the Hub')
    .addHelpText(
      'after',
      '\nExamples:\n  fartsovka inspect model.gguf\n  fartsovka inspect Qwen/Qwen3-0.6B --tensors\n  fartsovka inspect model.gguf --values token_embd.weight -n 5\n  fartsovka inspect model.gguf --template',
    )
    .action((model: string, options: InspectOptions) =>
      run(async (terminal) => {
        const print = (json: unknown, text: () => string) => terminal.out(options.json ? `${toJson(json)}\n` : `${text()}\n`)
        const bundle = await openBundle(model, terminal)
        if (bundle !== undefined) {
          try {
            const { json, text } = await inspectBundle(bundle, model, bundleView(options))
            print(json, text)
            return EXIT.done
          } finally {
            await bundle.close()
          }
        }
        const { checkpoint, label } = await resolveRemotely(model, options, terminal)
        try {
          if (isExported(checkpoint)) {
            const { json, text } = await inspectExported(checkpoint, label, exportedView(options))
            print(json, text)
            return EXIT.done
          }
          if (options.diff !== undefined) {
            const other = await resolveRemotely(options.diff, {}, terminal)
            const found = differences(checkpoint, other.checkpoint)
            await other.checkpoint.close()
            print(found, () => differencesText(found))
          } else if (options.values !== undefined) {
            const values = await tensorValues(checkpoint, options.values, options.n)
            print(values, () => valuesText(values))
          } else if (options.template) {
            const template = await templateOf(checkpoint)
            print({ template }, () => printable(template ?? 'The model has no chat template.'))
          } else if (options.tensors) print(tensorsJson(checkpoint), () => tensorsText(checkpoint, options.all ? 'all' : 'folded'))
          else if (options.metadata) print(metadataJson(checkpoint), () => metadataText(checkpoint))
          else {
            const overview = await overviewOf(checkpoint, label)
            print(overview, () => overviewText(overview))
          }
          return EXIT.done
        } finally {
          await checkpoint.close()
        }
      }),
    )
}

/** @throws FsError `cli/usage` for what cannot be asked of a bundle */
function bundleView({ values, diff, tensors, metadata, template }: InspectOptions): BundleView {
  if (values !== undefined || diff !== undefined)
    throw cliError(
      'cli/usage',
      'of a LiteRT-LM bundle inspect shows --tensors, --metadata and --template; --values and --diff are for checkpoints',
      {},
    )
  if (tensors) return 'tensors'
  if (metadata) return 'metadata'
  return template ? 'template' : 'overview'
}

/** JSON has neither large integers nor the numbers that are none; both become text rather than something else. */
const toJson = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, inner) => {
      if (typeof inner === 'bigint') return Number.isSafeInteger(Number(inner)) ? Number(inner) : String(inner)
      return typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner
    },
    2,
  )
