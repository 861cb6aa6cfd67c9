// The list of commands, in the order `--help` shows them.
import type { CommandDefinition } from '../command.ts'
import { chatCommand } from './chat.ts'
import { convertCommand } from './convert/command.ts'
import { doctorCommand } from './doctor/command.ts'
import { embedCommand } from './embed.ts'
import { hubCommand } from './hub/command.ts'
import { inspectCommand } from './inspect/command.ts'
import { logitsCommand } from './logits.ts'
import { imatrixCommand } from './measure/imatrix.ts'
import { klDivergenceCommand } from './measure/kl-divergence.ts'
import { perplexityCommand } from './measure/perplexity.ts'
import { modelsCommand } from './models.ts'
import { quantizeCommand } from './quantize/command.ts'
import { releaseCommand } from './release/command.ts'
import { runCommand } from './run/command.ts'
import { mergeCommand, splitCommand } from './split.ts'
import { validateCommand } from './validate.ts'
import { verifyCommand } from './verify/command.ts'

export const COMMANDS: readonly CommandDefinition[] = [
  convertCommand,
  quantizeCommand,
  inspectCommand,
  validateCommand,
  verifyCommand,
  doctorCommand,
  runCommand,
  chatCommand,
  embedCommand,
  logitsCommand,
  perplexityCommand,
  klDivergenceCommand,
  imatrixCommand,
  splitCommand,
  mergeCommand,
  releaseCommand,
  hubCommand,
  modelsCommand,
]
