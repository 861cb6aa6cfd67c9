// `fartsovka run`: one completion, streamed to stdout; or several prompts answered together.
import { BUNDLE_ENGINE } from '../../bundle/engine-name.ts'
import type { CommandDefinition, CommonOptions } from '../../command.ts'
import { type ArithmeticOption, addArithmeticOption } from '../../engine/arithmetic-option.ts'
import { addDecodingOptions, type DecodingOptions } from '../../engine/decoding-options.ts'
import { ENGINES } from '../../engine/engines.ts'
import type { ModelOptions } from '../../resolve-model.ts'
import { runModel } from './run.ts'

export type RunOptions = CommonOptions &
  ModelOptions &
  DecodingOptions &
  ArithmeticOption & {
    readonly promptFile?: string
    /** Undefined leaves it to the model: a chat when it has a template. */
    readonly chat?: boolean
    readonly system?: string
    readonly engine: string
    readonly batch?: string
    readonly stats?: true
  }

const EXAMPLES = `
Examples:
  fartsovka run model.gguf "Once upon a time" --no-chat
  echo "What is the capital of France?" | fartsovka run Qwen/Qwen3-0.6B
  fartsovka run model.gguf --batch prompts.txt --greedy --json`

export const runCommand: CommandDefinition = (program, run) => {
  const command = program.command('run').description('write one completion; the prompt comes from the argument, --prompt-file or stdin')
  addArithmeticOption(addDecodingOptions(command, 100))
    .argument('<model>', 'folder, file, or org/name[@revision][:QUANT]')
    .argument('[prompt]', 'the prompt')
    .option('--prompt-file <file>', 'take the prompt from a file')
    .option('--chat', 'answer the prompt as a chat message')
    .option('--no-chat', 'continue the prompt as it is')
    .option('--system <text>', 'system message of the chat')
    .option('--engine <name>', `${ENGINES.join(', ')} or ${BUNDLE_ENGINE}, which runs .litertlm bundles`, 'ort')
    .option('--batch <file>', 'one prompt a line, answered together')
    .option('--stats', 'print tokens and speed at the end, on stderr')
    .option('--revision <revision>', 'branch, tag or commit on the Hub')
    .option('--offline', 'use the local cache of the Hub only')
    .addHelpText('after', EXAMPLES)
    .action((model: string, prompt: string | undefined, options: RunOptions) =>
      run((terminal) => runModel(model, prompt, options, terminal)),
    )
}
