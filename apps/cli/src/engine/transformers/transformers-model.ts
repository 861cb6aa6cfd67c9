// A Hugging Face checkpoint run by transformers: our script in a Python that the user has, asked over its streams. Slow to start, and the
// one implementation that models are published for.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { cliError } from '../../errors.ts'
import { byteReader } from './byte-reader.ts'

/** Beside `src` and `dist` alike. */
const SCRIPT = fileURLToPath(new URL('../../../python/logits.py', import.meta.url))

export type TransformersModel = {
  /** Of transformers and torch. */
  readonly versions: string
  encode(text: string): Promise<readonly number[]>
  /** Row-major, for the last `positions` tokens. */
  rows(tokens: readonly number[], positions: number): Promise<Float32Array>
  close(): Promise<void>
}

export type TransformersOptions = {
  /** A command that `findPython` found. */
  readonly python: string
  readonly folder: string
  readonly measured: 'logits' | 'embeddings'
  readonly threads?: number
  readonly environment: { readonly [name: string]: string | undefined }
  readonly signal: AbortSignal
}

/** @throws FsError `cli/transformers` with what Python says, when the model cannot be loaded or run */
export async function openTransformers(options: TransformersOptions): Promise<TransformersModel> {
  const { python, folder, measured, threads = 0, environment, signal } = options
  const child = spawn(python, [SCRIPT, folder, measured, String(threads)], { env: environment, signal })
  const ended = endOf(child)
  const reader = byteReader(child.stdout)
  const fail = async (what: string) => {
    child.kill()
    const said = await ended
    signal.throwIfAborted()
    return cliError('cli/transformers', `transformers cannot run ${folder}: ${what || said || 'Python ended without a word'}`, { folder })
  }
  const ask = async (request: object | undefined): Promise<{ readonly [key: string]: unknown }> => {
    if (request !== undefined) child.stdin.write(`${JSON.stringify(request)}\n`)
    const line = await reader.line()
    const answer = parsed(line)
    if (answer === undefined) throw await fail(line === undefined ? '' : 'its answer is not understood')
    if (typeof answer.error === 'string') throw await fail(answer.error)
    return answer
  }
  const { transformers, torch } = await ask(undefined)
  return {
    versions: `transformers ${transformers}, torch ${torch}`,
    encode: async (text) => (await ask({ text })).tokens as readonly number[],
    rows: async (tokens, positions) => {
      const { rows, columns } = await ask({ tokens, positions })
      if (rows !== positions || typeof columns !== 'number') throw await fail(`${rows} rows came for ${positions} positions`)
      const bytes = await reader.bytes(4 * rows * columns)
      if (bytes === undefined) throw await fail('')
      // The machine's own order of bytes is the script's on everything ONNX Runtime is published for.
      return new Float32Array(bytes.buffer, bytes.byteOffset, rows * columns)
    },
    close: async () => {
      child.stdin.end()
      await ended
    },
  }
}

/** The last line it wrote to stderr, when it is over. */
function endOf(child: ChildProcessWithoutNullStreams): Promise<string> {
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4096)
  })
  // Writing to a process that is gone is told by its end.
  child.stdin.on('error', () => undefined)
  // Not its `close`, which waits until all it wrote to stdout is read.
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('exit', () => {
      const tell = () => resolve(said.trim().split('\n').at(-1) ?? '')
      if (child.stderr.readableEnded) tell()
      else child.stderr.on('end', tell)
    })
  })
}

function parsed(line: string | undefined): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line ?? '')
    return typeof value === 'object' && value !== null ? (value as { readonly [key: string]: unknown }) : undefined
  } catch {
    return undefined
  }
}
