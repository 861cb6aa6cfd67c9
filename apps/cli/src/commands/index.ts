// The commands by name, in the order `--help` shows them, each with the module that declares it.
// Loading is left to the program: a command's modules, and the engines behind them, cost start-up time only where they are used.
import type { CommandDefinition } from '../command.ts'

export const COMMANDS: { readonly [name: string]: () => Promise<CommandDefinition> } = {
  convert: async () => (await import('./convert/command.ts')).convertCommand,
  quantize: async () => (await import('./quantize/command.ts')).quantizeCommand,
  inspect: async () => (await import('./inspect/command.ts')).inspectCommand,
  validate: async () => (await import('./validate.ts')).validateCommand,
  verify: async () => (await import('./verify/command.ts')).verifyCommand,
  doctor: async () => (await import('./doctor/command.ts')).doctorCommand,
  run: async () => (await import('./run/command.ts')).runCommand,
  chat: async () => (await import('./chat.ts')).chatCommand,
  embed: async () => (await import('./embed.ts')).embedCommand,
  logits: async () => (await import('./logits.ts')).logitsCommand,
  perplexity: async () => (await import('./measure/perplexity.ts')).perplexityCommand,
  'kl-divergence': async () => (await import('./measure/kl-divergence.ts')).klDivergenceCommand,
  imatrix: async () => (await import('./measure/imatrix.ts')).imatrixCommand,
  split: async () => (await import('./split.ts')).splitCommand,
  merge: async () => (await import('./split.ts')).mergeCommand,
  release: async () => (await import('./release/command.ts')).releaseCommand,
  hub: async () => (await import('./hub/command.ts')).hubCommand,
  models: async () => (await import('./models.ts')).modelsCommand,
}
