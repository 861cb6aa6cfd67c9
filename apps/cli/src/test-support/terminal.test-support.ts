// A terminal that remembers what was written to it, for tests that need no process of their own.
// Where exit codes, streams or signals are what is tested, use `process.test-support.ts`.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import type { ExitCode } from '../exit-codes.ts'
import { runProgram } from '../program.ts'
import type { Terminal } from '../terminal/terminal.ts'

export type Told = { readonly code: ExitCode; readonly out: string; readonly err: string }

export type TellOptions = Partial<Pick<Terminal, 'environment' | 'signal' | 'interactive' | 'color' | 'columns'>> & {
  /** What is piped into the command. */
  readonly input?: string
}

/** A terminal in `folder`, and what was written to it so far. */
export function terminalIn(
  folder: string,
  options: TellOptions = {},
): { readonly terminal: Terminal; readonly written: { out: string; err: string } } {
  const written = { out: '', err: '' }
  const { input, ...rest } = options
  const terminal: Terminal = {
    out: (text) => {
      written.out += text
    },
    err: (text) => {
      written.err += text
    },
    readInput: async () => input,
    readLines: async function* () {
      yield* (input ?? '').split('\n')
    },
    interactive: false,
    columns: 80,
    color: false,
    environment: {},
    folder,
    signal: new AbortController().signal,
    ...rest,
  }
  return { terminal, written }
}

/** Runs one command over a terminal in `folder` and gives what it said. */
export async function tell(folder: string, parameters: readonly string[], options: TellOptions = {}): Promise<Told> {
  const { terminal, written } = terminalIn(folder, options)
  return { code: await runProgram(parameters, terminal), ...written }
}

/** A folder for each test, gone afterwards. */
export function useFolder(): { readonly path: string; file(name: string): string } {
  let path = ''
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'fartsovka-cli-'))
  })
  afterEach(() => rmSync(path, { recursive: true, force: true }))
  return {
    get path() {
      return path
    },
    file: (name) => join(path, name),
  }
}

const repository = resolve(import.meta.dirname, '../../../..')

/** The example model of this repository: a Llama of 1.4 million parameters in bfloat16. */
export const EXAMPLE = join(repository, 'examples/shakespeare-llama')

/** A copy of the example that holds so few tokens. */
export function shortExample(path: string, contextLength: number): void {
  cpSync(EXAMPLE, path, { recursive: true })
  const config = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'))
  writeFileSync(join(path, 'config.json'), JSON.stringify({ ...config, max_position_embeddings: contextLength }))
}
