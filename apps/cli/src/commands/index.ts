// The list of commands, in the order `--help` shows them.
import type { CommandDefinition } from '../command.ts'
import { convertCommand } from './convert/command.ts'
import { inspectCommand } from './inspect/command.ts'
import { modelsCommand } from './models.ts'
import { quantizeCommand } from './quantize/command.ts'
import { mergeCommand, splitCommand } from './split.ts'
import { validateCommand } from './validate.ts'

export const COMMANDS: readonly CommandDefinition[] = [
  convertCommand,
  quantizeCommand,
  inspectCommand,
  validateCommand,
  splitCommand,
  mergeCommand,
  modelsCommand,
]
