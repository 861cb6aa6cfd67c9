// `fartsovka validate`: reads a file as strictly as a conversion would, and says every reason it would be refused.
import { existsSync } from 'node:fs'
import { type Checkpoint, FsError } from '@fs/core'
import { openPath } from '@fs/formats/node'
import type { CommandDefinition, CommonOptions } from '../command.ts'
import { cliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { formatBytes, printable } from '../terminal/format.ts'
import { userPath } from '../terminal/terminal.ts'

export const validateCommand: CommandDefinition = (program, run) => {
  program
    .command('validate')
    .description('check structure and limits of a GGUF or safetensors file, or a folder of them; exit code 3 when something is wrong')
    .argument('<file>', 'file or folder')
    .addHelpText('after', '\nExamples:\n  fartsovka validate model.gguf\n  fartsovka validate ./checkpoint --json')
    .action((file: string, options: CommonOptions) =>
      run(async (terminal) => {
        const path = userPath(terminal, file)
        if (!existsSync(path)) throw cliError('cli/not-found', `${file}: there is no such file or folder`, { file })
        const result = await check(path)
        if (options.json) terminal.out(`${JSON.stringify({ file, ...result })}\n`)
        else if (result.valid)
          terminal.out(
            printable(
              `${file}: valid ${result.container}, ${result.tensors} tensors, ${result.metadata} metadata values, ${formatBytes(result.size)}\n`,
            ),
          )
        else for (const problem of result.problems) terminal.out(printable(`${file}: ${problem.message} (${problem.code})\n`))
        return result.valid ? EXIT.done : EXIT.checkFailed
      }),
    )
}

type Result =
  | { readonly valid: true; readonly container: string; readonly tensors: number; readonly metadata: number; readonly size: number }
  | { readonly valid: false; readonly problems: readonly { readonly code: string; readonly message: string }[] }

async function check(path: string): Promise<Result> {
  let checkpoint: Checkpoint
  try {
    checkpoint = await openPath(path)
  } catch (error) {
    if (!FsError.is(error)) throw error
    return { valid: false, problems: [{ code: error.code, message: error.message }] }
  }
  await checkpoint.close()
  return {
    valid: true,
    container: checkpoint.container,
    tensors: checkpoint.tensors.tensors.size,
    metadata: checkpoint.metadata?.size ?? 0,
    size: checkpoint.tensors.files.reduce((sum, file) => sum + file.size, 0),
  }
}
