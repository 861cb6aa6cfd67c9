// What a command is to the program: a commander command to hang on the tree, and an action that gets the terminal.
import type { Command } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { Terminal } from './terminal/terminal.ts'

/** Options every command has. */
export type CommonOptions = { readonly json?: true; readonly quiet?: true; readonly verbose?: true; readonly threads?: number }

/** Runs a command's action; its exit code becomes the program's. */
export type RunAction = (action: (terminal: Terminal) => Promise<ExitCode>) => Promise<void>

/** Adds one command to the program. */
export type CommandDefinition = (program: Command, run: RunAction) => void
