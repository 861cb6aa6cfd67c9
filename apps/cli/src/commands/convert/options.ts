// The options of `convert`, as commander parses them. Their meaning is in `run.ts`; the names are a contract.
import type { Command } from 'commander'
import type { CommonOptions } from '../../command.ts'
import { byteSize, wholeNumber, wholeNumbers } from '../../options.ts'
import { addRecipeOptions, type RecipeOptionValues } from '../../recipe/options.ts'
import type { ModelOptions } from '../../resolve-model.ts'

export type ConvertOptions = CommonOptions &
  ModelOptions &
  RecipeOptionValues & {
    readonly to: string
    readonly precision?: string
    readonly contextLength?: number
    readonly quant?: string
    readonly output?: string
    readonly arch?: string
    readonly adapter?: string
    readonly pre?: string
    readonly name?: string
    readonly metadata?: string
    readonly splitMaxSize?: number
    readonly prefillLengths?: readonly number[]
    readonly kvCacheMaxLen?: number
    readonly inlineWeights?: true
    readonly vocabOnly?: true
    readonly dryRun?: true
    readonly force?: true
    readonly remote?: true
    /** False with `--no-verify`. */
    readonly verify: boolean
  }

export function addConvertOptions(command: Command): Command {
  return addRecipeOptions(command)
    .argument('<model>', 'folder, file, or org/name[@revision][:QUANT]')
    .option('--to <container>', 'gguf, unified, huggingface (hf), onnx, ggml or litertlm', 'gguf')
    .option(
      '--precision <type>',
      'type of the weights of a folder: f32, f16 or bf16 (default: as they are); of an ONNX model’s activations: f32 or f16',
    )
    .option(
      '--context-length <n>',
      'tokens a unified folder or an ONNX model allows (default: the model’s own, of an ONNX model at most 8192)',
      wholeNumber,
    )
    .option(
      '--quant <types>',
      'types as llama-quantize names them, any case; several separated by commas from one read (default: auto); of a LiteRT-LM bundle none, dynamic_int8 (default), weight_only_int8, fp16, dynamic_int4_block32 or dynamic_int4_block128',
    )
    .option('-o, --output <path>', 'file or folder (default: {Model}-{QUANT}.gguf, or the folder {Model} or {Model}-ONNX, here)')
    .option('--arch <id>', 'architecture, instead of detecting it')
    .option('--adapter <dir>', 'merge a LoRA adapter of PEFT: folder, or org/name')
    .option('--pre <name>', 'pre-tokenizer, instead of finding it')
    .option('--name <name>', 'name of the model in its metadata')
    .option('--metadata <file>', 'JSON file of GGUF keys and values, or of a bundle’s settings, that override what was found')
    .option('--split-max-size <size>', 'write parts of at most this size, e.g. 2G', byteSize)
    .option('--prefill-lengths <n,…>', 'lengths a bundle’s graph takes prompts in (default: 8,64,128,256,512,1024)', wholeNumbers)
    .option('--kv-cache-max-len <n>', 'tokens a bundle allows, prompt and answer together (default: 1280)', wholeNumber)
    .option('--inline-weights', 'a bundle’s weights inside its flatbuffer, for older runtimes; below 2 GiB')
    .option('--vocab-only', 'only metadata and vocabulary')
    .option('--dry-run', 'print the plan and write nothing')
    .option('--force', 'overwrite existing output')
    .option('--no-verify', 'do not hold the result against the original')
    .option('--revision <revision>', 'branch, tag or commit on the Hub')
    .option('--offline', 'use the local cache of the Hub only')
    .option('--remote', 'read the model by ranges and keep no copy')
}
