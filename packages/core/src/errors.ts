// The one error class of the toolkit, and how a package declares its own codes.
// It is not a place for messages: each package keeps its table of codes beside the code that throws them.

const marker = Symbol.for('fartsovka.error')

/** What a code means to someone who reads a log: `area/what-is-wrong`, and one sentence. */
export type ErrorTable = { readonly [code: `${string}/${string}`]: string }

/** Facts about a failure, for programs: file, tensor, offset, expected and actual values. */
export type ErrorDetails = { readonly [key: string]: string | number | bigint | boolean | readonly (string | number)[] | undefined }

/**
 * A failure the toolkit foresaw. `code` is stable and made for programs; `message` is one sentence for people that says
 * what is wrong, where, and what to do.
 */
export class FsError extends Error {
  readonly [marker] = true
  readonly code: string
  readonly details: ErrorDetails

  constructor(code: string, message: string, options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'FsError'
    this.code = code
    this.details = options.details ?? {}
  }

  /** True for an `FsError` of any copy of this package, so two installed versions recognise each other's errors. */
  static is(value: unknown): value is FsError {
    return typeof value === 'object' && value !== null && marker in value
  }
}

/** Makes errors whose codes are the keys of one package's table; any other code does not compile. */
export function errorFactory<const Table extends ErrorTable>(_table: Table) {
  return (code: keyof Table & string, message: string, details: ErrorDetails = {}, cause?: unknown): FsError =>
    new FsError(code, message, { details, cause })
}
