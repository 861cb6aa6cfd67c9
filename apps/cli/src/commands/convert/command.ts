// `fartsovka convert`: any input to a checked file, quantizing on the way. Declares the command; `run.ts` does it.
import type { CommandDefinition } from '../../command.ts'
import { addConvertOptions, type ConvertOptions } from './options.ts'
import { runConvert } from './run.ts'

const EXAMPLES = `
Examples:
  fartsovka convert ./my-model --quant q4_0
  fartsovka convert ./my-model --to onnx --quant q4_0
  fartsovka convert Qwen/Qwen2.5-0.5B-Instruct --quant q8_0,q4_0 -o out/
  fartsovka convert meta-llama/Llama-3.2-1B --quant q8_0 --remote --dry-run`

export const convertCommand: CommandDefinition = (program, run) => {
  addConvertOptions(program.command('convert').description('convert a model, quantizing on the way, in one pass'))
    .addHelpText('after', EXAMPLES)
    .action((model: string, options: ConvertOptions) => run((terminal) => runConvert(model, options, terminal)))
}
