// The command line as a process of its own, from source: real streams, real exit codes, real signals.
import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly out: string; readonly err: string }

export type Running = {
  readonly child: ChildProcess
  /** Everything it wrote so far. */
  readonly err: () => string
  readonly ended: Promise<Ended>
}

/** Kept between test runs, and out of the folder a test looks into. */
const COMPILED = join(tmpdir(), 'fartsovka-tests-compiled')

/** Those of the script `start` of package.json. */
const FLAGS = ['--max-semi-space-size=1', '--wasm-wrapper-tiering-budget=1000000000', '--conditions=source']

const main = resolve(import.meta.dirname, '../main.ts')

export type StartOptions = {
  readonly folder: string
  readonly environment?: { readonly [name: string]: string }
  /** Piped into the process; nothing by default. */
  readonly input?: string
}

/** Starts the program with nothing of this machine's Hub settings in its environment. */
export function start(parameters: readonly string[], { folder, environment = {}, input }: StartOptions): Running {
  const child = spawn(process.execPath, [...FLAGS, main, ...parameters], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder, HF_HOME: join(folder, 'hf-home'), NODE_COMPILE_CACHE: COMPILED, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const written = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    written.err += text
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input ?? '')
  const ended = new Promise<Ended>((settle, fail) => {
    child.on('error', fail)
    child.on('close', (code, signal) => settle({ code, signal, ...written }))
  })
  return { child, err: () => written.err, ended }
}
