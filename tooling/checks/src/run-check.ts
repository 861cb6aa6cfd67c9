// Runs one check as a child process and says how it ended.
// It prints nothing: output is kept, and shown by the caller when it matters.
import { spawn } from 'node:child_process'
import type { Check } from './checks.ts'

export type Outcome = {
  readonly name: string
  readonly result: 'passed' | 'failed' | 'skipped'
  readonly seconds: number
  /** Everything the check printed; for a skipped one, the reason. */
  readonly output: string
}

/** The exit code by which a check says that it could not run here, with the reason as its output. */
export const SKIPPED = 77

/** Never rejects: a program that cannot be started has failed. */
export function runCheck(check: Check, root: string): Promise<Outcome> {
  const started = performance.now()
  const [program, ...args] = check.command
  return new Promise((resolve) => {
    let output = ''
    const finish = (result: Outcome['result']): void =>
      resolve({ name: check.name, result, seconds: (performance.now() - started) / 1000, output: output.trim() })
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
    })
    const keep = (chunk: Buffer): void => {
      output += chunk.toString()
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => {
      output += `${program} did not start: ${error.message}`
      finish('failed')
    })
    child.on('close', (code) => finish(code === 0 ? 'passed' : code === SKIPPED ? 'skipped' : 'failed'))
  })
}
