// `fartsovka release`: everything a published model needs, in one folder: files, checks, figures, model card. Nothing is uploaded.
import { existsSync, mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { openModel } from '@fs/convert'
import { planGguf } from '@fs/convert/plan'
import type { ReleasedFile } from '@fs/eval/report'
import { modelCard } from '@fs/hub/publish'
import type { CommandDefinition } from '../../command.ts'
import { cliError } from '../../errors.ts'
import { execute, tellNotices } from '../../execute.ts'
import { EXIT } from '../../exit-codes.ts'
import { outputFile, writeOutput } from '../../output-file.ts'
import { resolveModel } from '../../resolve-model.ts'
import { printable } from '../../terminal/format.ts'
import { userPath } from '../../terminal/terminal.ts'
import { addEngineOptions, addTextOptions, type MeasureOptions, type TextOptions } from '../measure/measured-model.ts'
import { writeReport } from '../measure/write-report.ts'
import { measureFile, releasePath, tableOf } from './measure.ts'

type ReleaseOptions = MeasureOptions &
  TextOptions & {
    readonly quants: string
    readonly output: string
    readonly repository?: string
    readonly baseModel?: string
    readonly license?: string
    readonly force?: true
  }

export const releaseCommand: CommandDefinition = (program, run) => {
  const command = program
    .command('release')
    .description('convert, verify, measure and describe a model, ready to upload; exit code 3 when a file does not hold')
    .argument('<model>', 'folder, file, or org/name[@revision]')
    .option('--quants <types>', 'file types, separated by commas', 'q4_k_m,q8_0')
    .option('--text <file>', 'measure perplexity and divergence on this text')
    .option('-o, --output <folder>', 'where everything goes', 'release')
    .option('--repository <org/name>', 'where it will be published (default: yours/NAME-GGUF)')
    .option('--base-model <org/name>', 'what it was converted from (default: the model, where it is on the Hub)')
    .option('--license <id>', 'the licence of the model')
    .option('--force', 'replace what is in the folder')
  addEngineOptions(addTextOptions(command))
    .addHelpText('after', '\nExample:\n  fartsovka release ./model --quants q4_k_m,q8_0 --text wiki.test.raw -o release')
    .action((model: string, options: ReleaseOptions) =>
      run(async (terminal) => {
        const folder = userPath(terminal, options.output)
        const card = join(folder, 'README.md')
        if (existsSync(card) && !options.force)
          throw cliError('cli/output-exists', `${options.output} holds a release already; choose another -o or say --force`, { file: card })
        const cardFile = outputFile(join(options.output, 'README.md'), { force: true }, terminal)
        const quants = options.quants.split(',').map((quant) => quant.trim())
        const { checkpoint, label } = await resolveModel(model, options, terminal)
        const name = checkpoint.name.replace(/\.(gguf|safetensors|bin|pth?|ggml)$/i, '')
        const outputs = await (async () => {
          try {
            const opened = await openModel(checkpoint)
            const plan = (types: readonly string[]) =>
              planGguf(opened, { quants: types, pathFor: (type) => releasePath(folder, name, type) })
            const planned = await plan(quants)
            tellNotices(planned, options, terminal)
            mkdirSync(folder, { recursive: true })
            // Without a card the folder is of a release that was interrupted. What is whole in it is not made again; it is checked like the rest.
            const missing = planned.outputs.filter(({ paths }) => options.force || !paths.every((path) => existsSync(path)))
            const done = planned.outputs.length - missing.length
            if (done > 0 && !options.quiet) terminal.err(`there already: ${done} of ${planned.outputs.length} files\n`)
            if (missing.length > 0) await execute(done === 0 ? planned : await plan(missing.map(({ type }) => type)), options, terminal)
            return planned.outputs
          } finally {
            await checkpoint.close()
          }
        })()
        const files: ReleasedFile[] = []
        for (const { paths, type } of outputs) {
          if (!options.quiet) terminal.err(`measuring ${type}\n`)
          files.push(await measureFile({ model, name }, { path: paths[0]!, type }, options, terminal))
        }
        const described = { model: name, ...(options.text === undefined ? {} : { text: basename(options.text) }) }
        await writeReport(outputFile(join(folder, 'measured.html'), { force: true }, terminal), (reports) =>
          reports.releaseReport(described, files),
        )
        const repository = options.repository ?? `yours/${name}-GGUF`
        const baseModel =
          options.baseModel ??
          (label === model && /^[\w.-]+\/[\w.-]+$/.test(label) && !existsSync(userPath(terminal, model)) ? label : undefined)
        const content = modelCard({
          repository,
          use: 'text-generation',
          files: files.map(({ file, type, size }) => ({ name: file, bytes: size, quant: type })),
          ...(baseModel === undefined ? {} : { baseModel }),
          ...(options.license === undefined ? {} : { license: options.license }),
        })
        writeOutput(cardFile, `${content.trimEnd()}\n\n${tableOf(files, options.text)}`)
        const next = `nothing was uploaded; to publish: fartsovka hub upload ${repository} ${options.output}`
        const lines = files.flatMap(({ file, holds, reasons }) => [
          `${file}  ${holds ? 'holds' : 'does NOT hold'}`,
          ...reasons.map((reason) => `  * ${reason}`),
        ])
        terminal.out(
          options.json
            ? `${JSON.stringify({ folder, card, files })}\n`
            : printable(`${[...lines, tableOf(files, options.text), next].join('\n')}\n`),
        )
        return files.every(({ holds }) => holds) ? EXIT.done : EXIT.checkFailed
      }),
    )
}
