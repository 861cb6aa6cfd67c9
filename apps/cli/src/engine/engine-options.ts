// What `run` and `chat` ask of an engine, from the options of the command line.
import type { Checkpoint } from '@fs/core'
import type { CommonOptions } from '../command.ts'
import { type ArithmeticOption, refuseArithmetic } from './arithmetic-option.ts'
import type { EngineName, EngineOptions } from './engines.ts'
import { isExported } from './exported-model.ts'

/** @throws FsError `cli/usage` for an arithmetic where there is no choice */
export function engineOptions(checkpoint: Checkpoint, engine: EngineName, options: CommonOptions & ArithmeticOption): EngineOptions {
  if (engine === 'llama.cpp') refuseArithmetic(options, 'llama.cpp')
  if (isExported(checkpoint)) refuseArithmetic(options, `the graph of ${checkpoint.name}`)
  return {
    engine,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(options.arithmetic === undefined ? {} : { arithmetic: options.arithmetic }),
  }
}
