// `fartsovka imatrix`: an importance matrix from calibration text, in either file form; several can be added together.
import { basename } from 'node:path'
import { modelWeights, openModel } from '@fs/convert'
import type { SquaredInputs } from '@fs/eval'
import { collectImatrix, importanceStatistics, mergeImatrices, textWindows } from '@fs/eval'
import { encodeImatrixDat, encodeImatrixGguf, type Imatrix, readImatrix } from '@fs/formats/imatrix'
import { fileSource } from '@fs/formats/node'
import { decoderAsEncoder, openSquaredInputs } from '@fs/runtime'
import { Option } from 'commander'
import type { CommandDefinition, CommonOptions } from '../../command.ts'
import { localBackend } from '../../engine/local-backend.ts'
import { tokenizerOf } from '../../engine/text-model.ts'
import { cliError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import { collect } from '../../options.ts'
import { type ForceOption, outputFile, writeOutput } from '../../output-file.ts'
import { type ModelOptions, resolveModel } from '../../resolve-model.ts'
import { formatTable } from '../../terminal/format.ts'
import { type Terminal, userPath } from '../../terminal/terminal.ts'
import { addTextOptions, beginningTokenOf, readText, type TextOptions } from './measured-model.ts'

type ImatrixOptions = CommonOptions &
  ModelOptions &
  TextOptions &
  ForceOption & {
    readonly output: string
    readonly outputFormat: 'gguf' | 'dat'
    readonly merge?: readonly string[]
    readonly processOutput?: true
    readonly showStatistics?: true
  }

export const imatrixCommand: CommandDefinition = (program, run) => {
  const command = program
    .command('imatrix')
    .description('which channels of each weight matter, from calibration text; for convert and quantize --imatrix')
    .argument('<model>', 'folder, file, or org/name[@revision][:QUANT]')
    .option('--text <file>', 'calibration text; may be left out with --merge')
  addTextOptions(command)
    .option('-o, --output <file>', 'where the matrix goes', 'imatrix.gguf')
    .addOption(new Option('--output-format <form>', 'file form').choices(['gguf', 'dat']).default('gguf'))
    .option('--merge <file>', 'add this matrix (repeatable)', collect)
    .option('--process-output', 'measure the output matrix too')
    .option('--show-statistics', 'print a table of the tensors')
    .option('--force', 'replace an existing file')
    .option('--revision <revision>', 'branch, tag or commit on the Hub')
    .option('--offline', 'use the local cache of the Hub only')
    .addHelpText('after', '\nExample:\n  fartsovka imatrix ./model --text calibration.txt -o imatrix.gguf')
    .action((name: string, options: ImatrixOptions) =>
      run(async (terminal) => {
        if (options.text === undefined && options.merge === undefined)
          throw cliError('cli/usage', '--text FILE is missing: the text to measure on', {})
        const output = outputFile(options.output, options, terminal)
        const matrices = await Promise.all((options.merge ?? []).map((file) => readMatrix(userPath(terminal, file))))
        if (options.text !== undefined) matrices.push(await measure(name, options, terminal))
        const imatrix = matrices.length === 1 ? matrices[0]! : mergeImatrices(matrices)
        writeOutput(output, options.outputFormat === 'dat' ? encodeImatrixDat(imatrix) : encodeImatrixGguf(imatrix))
        report(imatrix, options, terminal)
        return EXIT.done
      }),
    )
}

async function readMatrix(path: string): Promise<Imatrix> {
  const source = await fileSource(path)
  try {
    return await readImatrix(source)
  } finally {
    await source.close()
  }
}

async function measure(name: string, options: ImatrixOptions, terminal: Terminal): Promise<Imatrix> {
  const { checkpoint } = await resolveModel(name, options, terminal)
  try {
    const opened = await openModel(checkpoint)
    const { spec, weights } = opened.description
    if (spec.kind !== 'decoder')
      throw cliError('cli/usage', `${checkpoint.name} is an encoder; importance is measured on language models`, { model: checkpoint.name })
    const tokenizer = await tokenizerOf(opened.checkpoint)
    const beginning = beginningTokenOf(tokenizer, checkpoint.name)
    const windows = textWindows(tokenizer.encode(readText(options.text, terminal), { addSpecialTokens: true }), {
      contextLength: Math.min(options.context, spec.contextLength),
      ...(options.chunks === undefined ? {} : { chunks: options.chunks }),
      ...(beginning === undefined ? {} : { beginningToken: beginning }),
    })
    const model = await openSquaredInputs({
      spec: decoderAsEncoder(spec, 'none', false),
      weights: modelWeights(opened),
      backend: await localBackend(options.threads),
    })
    try {
      return await collectImatrix((tokens): Promise<SquaredInputs> => model.run(tokens), windows, {
        weights,
        output: options.processOutput ? 'include' : 'leave-out',
        dataset: basename(options.text!),
        signal: terminal.signal,
        onWindow: (index) => options.quiet || terminal.err(`[${index + 1}/${windows.count}]`),
      })
    } finally {
      await model.dispose()
      if (!options.quiet) terminal.err('\n')
    }
  } finally {
    await checkpoint.close()
  }
}

function report(imatrix: Imatrix, options: ImatrixOptions, terminal: Terminal): void {
  const statistics = importanceStatistics(imatrix)
  const unreached = statistics.filter(({ coverage }) => coverage < 1)
  if (options.json) {
    terminal.out(`${JSON.stringify({ file: options.output, chunks: imatrix.chunkCount, tensors: statistics })}\n`)
    return
  }
  if (options.showStatistics) {
    const rows = statistics.map((row) => [
      row.tensor,
      String(row.channels),
      row.mean.toPrecision(4),
      row.largest.toPrecision(4),
      `${(100 * row.active).toFixed(1)} %`,
      `${(100 * row.evenness).toFixed(1)} %`,
      `${(100 * row.coverage).toFixed(1)} %`,
    ])
    const heading = ['tensor', 'channels', 'mean', 'largest', 'active', 'evenness', 'coverage']
    terminal.out(`${formatTable([heading, ...rows], new Set([1, 2, 3, 4, 5, 6]))}\n`)
  }
  for (const { tensor, coverage } of options.quiet ? [] : unreached)
    terminal.err(`note: only ${(100 * coverage).toFixed(1)} % of the experts of ${tensor} were reached; take more text\n`)
  terminal.out(`${options.output}  ${imatrix.entries.size} tensors, ${imatrix.chunkCount} chunks\n`)
}
