// The check every byte source makes before it reads. It knows nothing of where the bytes come from.
import { fail } from '../errors.ts'

/**
 * Refuses a read that is not inside `[0, size)`, is cancelled, or comes after `close`.
 * @throws FsError bytes/out-of-range, bytes/closed, bytes/aborted
 */
export function checkRead(
  source: { readonly name: string; readonly size: number; readonly closed: boolean },
  offset: number,
  length: number,
  signal: AbortSignal | undefined,
): void {
  if (source.closed) throw fail('bytes/closed', `${source.name} was read after it was closed`, { file: source.name })
  if (signal?.aborted) throw aborted(source.name, signal)
  // Subtraction, not `offset + length`, so that two large numbers cannot round to something that fits.
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0 || length > source.size - offset) {
    throw fail('bytes/out-of-range', `${source.name} has ${source.size} bytes; ${length} bytes at ${offset} are not among them`, {
      file: source.name,
      size: source.size,
      offset,
      length,
    })
  }
}

/** The error for a read that its caller cancelled; the signal's reason is kept as the cause. */
export function aborted(name: string, signal: AbortSignal) {
  return fail('bytes/aborted', `reading ${name} was cancelled`, { file: name }, signal.reason)
}
