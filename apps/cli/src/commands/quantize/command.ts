// `fartsovka quantize`: GGUF to GGUF, byte for byte what llama-quantize makes of it.
import { planRequantize } from '@fs/convert/plan/requantize'
import { openPath } from '@fs/formats/node'
import type { CommandDefinition, CommonOptions } from '../../command.ts'
import { execute, reportOutputs, tellNotices } from '../../execute.ts'
import { EXIT } from '../../exit-codes.ts'
import { collect } from '../../options.ts'
import { budgetResult, planTypes } from '../../recipe/budget.ts'
import { checkReportOptions, reportErrors } from '../../recipe/error-report.ts'
import { addRecipeOptions, type RecipeOptionValues } from '../../recipe/options.ts'
import { requestedTypes } from '../../recipe/requested-types.ts'
import { userPath } from '../../terminal/terminal.ts'
import { showPlan } from '../convert/describe-plan.ts'
import { outputPaths } from '../convert/output-path.ts'
import { layerList, overrideEntry } from './values.ts'

type QuantizeOptions = CommonOptions &
  RecipeOptionValues & {
    readonly quant?: string
    readonly output?: string
    readonly keepSplit?: true
    readonly pruneLayers?: readonly number[]
    readonly overrideKv?: readonly string[]
    readonly dryRun?: true
    readonly force?: true
  }

const EXAMPLES = `
Examples:
  fartsovka quantize model-F16.gguf --quant q4_k_m
  fartsovka quantize model-BF16.gguf --quant iq3_xxs,q6_k --imatrix imatrix.gguf -o out/
  fartsovka quantize model.gguf --quant q4_k_m --tensor-type attn_v=q6_k --dry-run
  fartsovka quantize model-BF16.gguf --bits 4.5 --report what-was-lost.html`

export const quantizeCommand: CommandDefinition = (program, run) => {
  const command = program.command('quantize').description('quantize a GGUF file, as llama-quantize does')
  addRecipeOptions(command)
    .argument('<file>', 'GGUF file, or the first part of a split one')
    .option('--quant <types>', 'types as llama-quantize names them, any case; several separated by commas from one read')
    .option('-o, --output <path>', 'file or folder (default: {Model}-{QUANT}.gguf here)')
    .option('--keep-split', 'write as many parts as the input has')
    .option('--prune-layers <layers>', 'layers to leave out, e.g. 3,5', layerList)
    .option('--override-kv <key=type:value>', 'set a metadata value; type is int, float, bool or str (repeatable)', collect)
    .option('--dry-run', 'print the plan and write nothing')
    .option('--force', 'overwrite existing output')
    .addHelpText('after', EXAMPLES)
    .action((file: string, options: QuantizeOptions) =>
      run(async (terminal) => {
        const requested = await requestedTypes(options, undefined, terminal)
        checkReportOptions(options, requested.names, terminal)
        const checkpoint = await openPath(userPath(terminal, file))
        try {
          const model = { checkpoint, label: file }
          const pathFor = outputPaths(model, requested.names, options, terminal)
          const { planned, budget } = await planTypes(
            model,
            requested,
            (quants, types, named) =>
              planRequantize(checkpoint, {
                quants,
                types,
                pathFor: (type) => pathFor(named ?? type),
                overrides: (options.overrideKv ?? []).map(overrideEntry),
                ...(options.keepSplit ? { split: 'keep' } : {}),
                ...(options.pruneLayers === undefined ? {} : { pruneLayers: options.pruneLayers }),
              }),
            options,
            terminal,
          )
          tellNotices(planned, options, terminal)
          if (options.dryRun) showPlan(planned, budget, options, terminal)
          else {
            const seconds = await execute(planned, options, terminal)
            const errors = await reportErrors(planned, model, options, terminal)
            reportOutputs(
              planned,
              { model: file },
              { seconds, ...budgetResult(budget), ...(errors === undefined ? {} : { errors }) },
              options,
              terminal,
            )
          }
          return EXIT.done
        } finally {
          await checkpoint.close()
        }
      }),
    )
}
