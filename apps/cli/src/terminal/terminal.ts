// The streams and surroundings a command sees: stdout is data, stderr is for people. Nothing else in the app touches the process.
import { resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'

export type Terminal = {
  /** Writes data. */
  readonly out: (text: string) => void
  /** All of stdin, or undefined when a person sits there and nothing is piped. */
  readonly readInput: () => Promise<string | undefined>
  /** The lines of stdin, each as soon as it is there; ends with the input or an interrupt. */
  readonly readLines: () => AsyncIterable<string>
  /** Writes what a person reads while waiting. */
  readonly err: (text: string) => void
  /** Whether stderr is a terminal that can redraw a line. */
  readonly interactive: boolean
  readonly columns: number
  readonly color: boolean
  readonly environment: { readonly [name: string]: string | undefined }
  /** The folder relative paths mean. */
  readonly folder: string
  /** Aborted by the first Ctrl-C; the second ends the process at once. */
  readonly signal: AbortSignal
}

/** A path as the user meant it: relative to where the command was typed. */
export function userPath(terminal: Terminal, path: string): string {
  return resolve(terminal.folder, path)
}

export function processTerminal(process: NodeJS.Process): Terminal {
  const environment = process.env
  const signal = interruptSignal(process)
  const interactive = process.stderr.isTTY === true && environment.CI === undefined && environment.TERM !== 'dumb'
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    readInput: async () => (process.stdin.isTTY ? undefined : readAll(process.stdin)),
    readLines: () => createInterface({ input: process.stdin, signal }),
    interactive,
    columns: process.stderr.columns || 80,
    color: interactive && (environment.NO_COLOR ?? '') === '',
    environment,
    folder: userFolder(process),
    signal,
  }
}

async function readAll(input: NodeJS.ReadStream): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of input) parts.push(part as Uint8Array)
  return Buffer.concat(parts).toString('utf8')
}

/**
 * Under `pnpm --filter cli start` the working folder is this package's; `INIT_CWD` then tells where the person is. Elsewhere the
 * working folder is right, also inside a script of the user's own package.
 */
function userFolder(process: NodeJS.Process): string {
  const here = resolve(import.meta.dirname, '../..')
  return process.cwd() === here && process.env.INIT_CWD !== undefined ? process.env.INIT_CWD : process.cwd()
}

function interruptSignal(process: NodeJS.Process): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130)
      controller.abort()
    })
  }
  // A reader that goes away (`| head`) ends the command quietly; a disk that is full does not.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    process.stderr.write(`error: the output cannot be written: ${error.message}\n`)
    process.exit(1)
  })
  // Nobody reads the progress any more; the work goes on.
  process.stderr.on('error', () => undefined)
  return controller.signal
}
