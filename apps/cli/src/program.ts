// The whole program over a terminal: parses arguments, runs one command, turns what it throws into words and an exit code.
// Commands are listed in `commands/index.ts`, and only the one that is called is loaded.
import { readFileSync } from 'node:fs'
import { type ErrorDetails, FsError } from '@fs/core'
import { Command, CommanderError } from 'commander'
import type { CommandDefinition } from './command.ts'
import { withoutAliases } from './commands/convert/aliases.ts'
import { COMMANDS } from './commands/index.ts'
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts'
import { wholeNumber } from './options.ts'
import { printable } from './terminal/format.ts'
import type { Terminal } from './terminal/terminal.ts'

const EXAMPLES = `
Examples:
  fartsovka convert ./my-model --quant q4_k_m
  fartsovka run my-model-Q4_K_M.gguf "Once upon a time" --no-chat
  fartsovka convert --help`

/** @param parameters what follows the program's name */
export async function runProgram(parameters: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done
  const program = new Command('fartsovka')
    .description('Convert, quantize, check and publish language models.')
    .addHelpText('after', EXAMPLES)
    .version(version(), '--version', 'print the version')
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .exitOverride()
    .showHelpAfterError('Run with --help to see what it takes.')
  for (const define of await definitionsFor(parameters)) {
    define(program, async (action) => {
      exitCode = await action(terminal)
    })
  }
  for (const command of program.commands) addCommonOptions(command)
  try {
    await program.parseAsync([...withoutAliases(upToUnknownCommand(program, parameters))], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done
      // Commander said it on stderr already.
      if (parameters.includes('--json')) printError('cli/usage', error.message.replace(/^error: /, ''), {}, terminal)
      return EXIT.usage
    }
    reportError(error, parameters, terminal)
    return exitCodeOf(error)
  }
}

/** No more than the name of a command that nobody knows: its `--help` would be that of the group it is not in, as if all were well. */
function upToUnknownCommand(group: Command, parameters: readonly string[], depth = 0): readonly string[] {
  const name = parameters[depth]
  if (group.commands.length === 0 || name === undefined || name.startsWith('-') || name === 'help') return parameters
  const called = group.commands.find((command) => command.name() === name || command.aliases().includes(name))
  return called === undefined ? parameters.slice(0, depth + 1) : upToUnknownCommand(called, parameters, depth + 1)
}

/** The command that is called; all of them where their names matter, in the help and for the answer to a slip in a name. */
async function definitionsFor([first]: readonly string[]): Promise<readonly CommandDefinition[]> {
  if (first === '--version') return []
  const called = first !== undefined && Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined
  return called === undefined ? Promise.all(Object.values(COMMANDS).map((load) => load())) : [await called()]
}

/** On the commands that do something: a group that had them too would take them from its members. */
function addCommonOptions(command: Command): void {
  command.exitOverride()
  for (const inner of command.commands) addCommonOptions(inner)
  if (command.commands.length > 0) return
  command
    .option('--json', 'print one JSON document on stdout and nothing else')
    .option('--quiet', 'no progress and no notes')
    .option('--verbose', 'show where an error comes from')
    .option('--threads <n>', 'worker threads (default: all cores)', wholeNumber)
}

function reportError(error: unknown, parameters: readonly string[], terminal: Terminal): void {
  const message = error instanceof Error ? error.message : String(error)
  const known = FsError.is(error)
  const aborted = exitCodeOf(error) === EXIT.interrupted
  if (parameters.includes('--json')) printError(known ? error.code : 'cli/bug', message, known ? error.details : {}, terminal)
  const label = terminal.color ? '\u001b[31merror:\u001b[0m' : 'error:'
  terminal.err(aborted && !known ? 'interrupted\n' : `${label} ${printable(message)}\n`)
  if (parameters.includes('--verbose') && error instanceof Error) {
    terminal.err(`${error.stack ?? ''}\n`)
    if (error.cause !== undefined) terminal.err(`caused by: ${error.cause instanceof Error ? error.cause.stack : String(error.cause)}\n`)
  } else if (!known && !aborted) terminal.err('This is not an error we foresaw; run again with --verbose and report what it prints.\n')
}

/** What `--json` has instead of a result. */
function printError(code: string, message: string, details: ErrorDetails, terminal: Terminal): void {
  const json = JSON.stringify({ error: { code, message, details } }, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  terminal.out(`${json}\n`)
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return (manifest as { version: string }).version
}
