// The options that say which tensor becomes which type, the same for `convert` and `quantize`, and what they mean to the planner.
import { readFileSync } from 'node:fs'
import type { TypeOptions } from '@fs/convert/plan'
import { importanceOf } from '@fs/convert/plan/importance'
import { readImatrix } from '@fs/formats/imatrix'
import { fileSource } from '@fs/formats/node'
import { parseTensorType, parseTensorTypeFile, parseTensorTypeOption } from '@fs/quant/recipes'
import type { Command } from 'commander'
import { cliError } from '../errors.ts'
import { bitsPerWeight, byteSize, collect } from '../options.ts'
import { type Terminal, userPath } from '../terminal/terminal.ts'

export type RecipeOptionValues = {
  readonly recipe?: string
  readonly fit?: number
  readonly bits?: number
  readonly report?: string
  readonly imatrix?: string
  readonly pure?: true
  readonly tensorType?: readonly string[]
  readonly tensorTypeFile?: string
  readonly outputTensorType?: string
  readonly tokenEmbeddingType?: string
  readonly leaveOutputTensor?: true
  readonly allowRequantize?: true
}

export function addRecipeOptions(command: Command): Command {
  return command
    .option('--recipe <file>', 'JSON file of types: a default, and patterns of tensor names')
    .option('--fit <size>', 'choose types by measured error for files of at most this size, e.g. 6GB', byteSize)
    .option('--bits <number>', 'choose types by measured error for at most so many bits a weight, e.g. 4.5', bitsPerWeight)
    .option('--report <file>', 'HTML page of what each tensor lost')
    .option('--imatrix <file>', 'importance matrix, GGUF or .dat')
    .option('--pure', 'the same type for every tensor that can have it')
    .option('--tensor-type <pattern=type>', 'type of the tensors whose name matches (repeatable)', collect)
    .option('--tensor-type-file <file>', 'a file of such patterns')
    .option('--output-tensor-type <type>', 'type of the output tensor')
    .option('--token-embedding-type <type>', 'type of the token embedding')
    .option('--leave-output-tensor', 'keep the output tensor as it is')
    .option('--allow-requantize', 'quantize tensors again that are quantized already')
}

/** @throws FsError for a type, pattern or file that makes no sense */
export async function readRecipe(options: RecipeOptionValues, terminal: Terminal): Promise<TypeOptions> {
  const fromFile =
    options.tensorTypeFile === undefined ? [] : parseTensorTypeFile(readOptionFile(options.tensorTypeFile, '--tensor-type-file', terminal))
  const importance = options.imatrix === undefined ? undefined : await readImportance(options.imatrix, terminal)
  return {
    tensorTypes: [...(options.tensorType ?? []).map(parseTensorTypeOption), ...fromFile],
    ...(options.pure ? { pure: true } : {}),
    ...(options.leaveOutputTensor ? { leaveOutputTensor: true } : {}),
    ...(options.allowRequantize ? { allowRequantize: true } : {}),
    ...(options.outputTensorType === undefined ? {} : { outputTensorType: parseTensorType(options.outputTensorType) }),
    ...(options.tokenEmbeddingType === undefined ? {} : { tokenEmbeddingType: parseTensorType(options.tokenEmbeddingType) }),
    ...(importance === undefined ? {} : { importance }),
  }
}

async function readImportance(file: string, terminal: Terminal) {
  const source = await fileSource(userPath(terminal, file))
  try {
    return importanceOf(await readImatrix(source), file)
  } finally {
    await source.close()
  }
}

/** Text of a file an option names. @throws FsError `cli/usage` when it cannot be read */
export function readOptionFile(file: string, option: string, terminal: Terminal): string {
  try {
    return readFileSync(userPath(terminal, file), 'utf8')
  } catch (cause) {
    throw cliError('cli/usage', `${option} ${file} cannot be read`, { file }, cause)
  }
}
