// `fartsovka validate`: reads a file as strictly as a conversion would, and says every reason it would be refused.
import { checkBundle } from '../bundle/check-bundle.ts'
import { openBundle } from '../bundle/open-bundle.ts'
import type { CommandDefinition, CommonOptions } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { formatBytes, printable } from '../terminal/format.ts'
import { type Terminal, userPath } from '../terminal/terminal.ts'
import { checkPath, type Validation } from '../validation/check-path.ts'

export const validateCommand: CommandDefinition = (program, run) => {
  program
    .command('validate')
    .description(
      'check structure and limits of GGUF, safetensors, litertlm and ONNX files, and whether a folder’s config.json fits its tensors; exit code 3 when not',
    )
    .argument('<file>', 'file or folder')
    .addHelpText('after', '\nExamples:\n  fartsovka validate model.gguf\n  fartsovka validate ./checkpoint --json')
    .action((file: string, options: CommonOptions) =>
      run(async (terminal) => {
        const { problems, ...facts } = await validation(file, terminal)
        const valid = problems.length === 0
        if (options.json) terminal.out(`${JSON.stringify({ file, valid, ...facts, problems })}\n`)
        else if (valid) {
          const { container, tensors, metadata, size } = facts
          terminal.out(printable(`${file}: valid ${container}, ${tensors} tensors, ${metadata} metadata values, ${formatBytes(size)}\n`))
        } else for (const problem of problems) terminal.out(printable(`${file}: ${problem.message} (${problem.code})\n`))
        return valid ? EXIT.done : EXIT.checkFailed
      }),
    )
}

async function validation(file: string, terminal: Terminal): Promise<Validation> {
  const bundle = await openBundle(file, terminal)
  if (bundle === undefined) return checkPath(userPath(terminal, file))
  try {
    return await checkBundle(bundle)
  } finally {
    await bundle.close()
  }
}
