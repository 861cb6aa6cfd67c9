// `--arithmetic` of the commands that show what a model says. Measurements have their own default (`commands/measure/measured-model.ts`).
import type { Arithmetic } from '@fs/runtime'
import { type Command, Option } from 'commander'
import { cliError } from '../errors.ts'

/** How ONNX Runtime computes; how much each costs is in docs/quality.md. */
export const ARITHMETICS = ['exact', 'fast', 'fastest'] as const satisfies readonly Arithmetic[]

export type ArithmeticOption = { readonly arithmetic?: Arithmetic }

export function addArithmeticOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--arithmetic <how>',
      'exact; fast (default), which rounds activations to 8 bits where weights are blocks, as llama.cpp does; or fastest, which also rounds larger weights to 8 bits',
    ).choices(ARITHMETICS),
  )
}

/**
 * @param whose what computes in a way of its own
 * @throws FsError `cli/usage` when somebody asked for an arithmetic all the same
 */
export function refuseArithmetic({ arithmetic }: ArithmeticOption, whose: string): void {
  if (arithmetic === undefined) return
  throw cliError('cli/usage', `${whose} computes in its own way; leave out --arithmetic ${arithmetic}`, { arithmetic })
}
