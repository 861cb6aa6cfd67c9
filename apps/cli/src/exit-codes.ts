// What the process says to scripts when it ends. A contract: see the README.
import { FsError } from '@fs/core'

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  checkFailed: 3,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Errors that mean the command was called wrongly rather than that it failed. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  'cli/usage',
  'convert/unknown-type',
  'recipe/file-type',
  'recipe/tensor-type',
  'registry/no-such-id',
  'tokenizer/no-such-pre',
  'hub/bad-id',
])

export function exitCodeOf(error: unknown): ExitCode {
  if (isAbort(error)) return EXIT.interrupted
  if (!FsError.is(error)) return EXIT.failed
  if (error.code === 'convert/interrupted') return EXIT.interrupted
  return USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.failed
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
