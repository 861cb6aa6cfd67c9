// `fartsovka models`: the architectures this version knows, and published checkpoints of each.
import { ARCHITECTURES } from '@fs/registry'
import type { CommandDefinition, CommonOptions } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { formatTable } from '../terminal/format.ts'

export const modelsCommand: CommandDefinition = (program, run) => {
  program
    .command('models')
    .description('list the architectures, what each is called elsewhere, and checkpoints known to work')
    .addHelpText('after', '\nExamples:\n  fartsovka models\n  fartsovka models --json')
    .action((options: CommonOptions) =>
      run(async (terminal) => {
        const list = ARCHITECTURES.map(({ id, title, ggufArchitecture, huggingFaceArchitectures, checkpoints }) => ({
          id,
          title,
          gguf: ggufArchitecture,
          huggingFace: huggingFaceArchitectures,
          checkpoints,
        }))
        if (options.json) terminal.out(`${JSON.stringify(list, null, 2)}\n`)
        else {
          const rows = list.map((entry) => [entry.id, entry.title, entry.gguf, entry.huggingFace.join(', ')])
          terminal.out(`${formatTable([['id', 'name', 'GGUF', 'Hugging Face'], ...rows])}\n\n`)
          terminal.out('Checkpoints known to work:\n')
          for (const { title, checkpoints } of list) terminal.out(`  ${title}: ${checkpoints.join(', ')}\n`)
        }
        return EXIT.done
      }),
    )
}
