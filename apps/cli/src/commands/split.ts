// `fartsovka split` and `fartsovka merge`: GGUF parts with llama-gguf-split's names and keys, read whatever cut them.
import { dirname, join } from 'node:path'
import { type GgufPlan, planCopy } from '@fs/convert/plan'
import { openPath } from '@fs/formats/node'
import type { CommandDefinition, CommonOptions } from '../command.ts'
import { cliError } from '../errors.ts'
import { execute, reportOutputs } from '../execute.ts'
import { EXIT } from '../exit-codes.ts'
import { byteSize, wholeNumber } from '../options.ts'
import { type Terminal, userPath } from '../terminal/terminal.ts'

type Options = CommonOptions & { readonly output?: string; readonly force?: true; readonly dryRun?: true }
type SplitOptions = Options & { readonly maxSize?: number; readonly maxTensors?: number }

export const splitCommand: CommandDefinition = (program, run) => {
  program
    .command('split')
    .description('cut a GGUF file into parts')
    .argument('<file>', 'GGUF file')
    .option('--max-size <size>', 'most tensor bytes in a part, e.g. 2G', byteSize)
    .option('--max-tensors <n>', 'most tensors in a part (128 when no size is given)', wholeNumber)
    .option('-o, --output <prefix>', 'path of the parts without -00001-of-00003.gguf (default: beside the input)')
    .option('--dry-run', 'print the parts and write nothing')
    .option('--force', 'overwrite existing parts')
    .addHelpText(
      'after',
      '\nExamples:\n  fartsovka split model.gguf --max-size 2G\n  fartsovka split model.gguf --max-tensors 64 -o parts/model',
    )
    .action((file: string, options: SplitOptions) =>
      run(async (terminal) => {
        if (options.maxSize !== undefined && options.maxTensors !== undefined)
          throw cliError('cli/usage', 'give --max-size or --max-tensors, not both', {})
        const split = options.maxSize === undefined ? { maxTensors: options.maxTensors ?? 128 } : { maxBytes: options.maxSize }
        const prefix =
          options.output === undefined
            ? userPath(terminal, file).replace(/\.gguf$/i, '')
            : userPath(terminal, options.output).replace(/\.gguf$/i, '')
        return copy(file, `${prefix}.gguf`, { split }, options, terminal)
      }),
    )
}

export const mergeCommand: CommandDefinition = (program, run) => {
  program
    .command('merge')
    .description('join the parts of a GGUF model into one file')
    .argument('<first>', 'the first part')
    .option('-o, --output <file>', 'the whole file (default: the name without its part number, here)')
    .option('--dry-run', 'print the size and write nothing')
    .option('--force', 'overwrite an existing file')
    .addHelpText('after', '\nExample:\n  fartsovka merge model-00001-of-00003.gguf -o model.gguf')
    .action((file: string, options: Options) =>
      run(async (terminal) => {
        const whole = userPath(terminal, options.output ?? file.replace(/-\d{5}-of-\d{5}(\.gguf)$/i, '$1'))
        const path = /\.gguf$/i.test(whole) ? whole : join(whole, 'merged.gguf')
        if (path === userPath(terminal, file))
          throw cliError('cli/usage', `${file} is no part of a split model; name the first part, or the output with -o`, {
            file,
            folder: dirname(path),
          })
        return copy(file, path, {}, options, terminal)
      }),
    )
}

async function copy(file: string, path: string, how: Parameters<typeof planCopy>[2], options: Options, terminal: Terminal) {
  const checkpoint = await openPath(userPath(terminal, file))
  try {
    const planned: GgufPlan = planCopy(checkpoint, path, how)
    if (options.dryRun)
      terminal.out(
        options.json ? `${JSON.stringify(planned.outputs, null, 2)}\n` : `${planned.outputs.flatMap(({ paths }) => paths).join('\n')}\n`,
      )
    else reportOutputs(planned, { model: file }, { seconds: await execute(planned, options, terminal) }, options, terminal)
    return EXIT.done
  } finally {
    await checkpoint.close()
  }
}
