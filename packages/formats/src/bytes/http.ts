// A byte source over HTTP range requests: retries with backoff, resumes a cut body where it stopped, and notices when the file behind
// the URL changes. It downloads nothing to disk and caches nothing; `@fs/hub` does.
import type { ByteSource, FsError } from '@fs/core'
import { fail } from '../errors.ts'
import { type Connection, requestRange } from './http-request.ts'
import { checkRead } from './range.ts'
import { withRetries } from './retry.ts'

export type HttpSourceOptions = {
  /** What messages call it; the last part of the URL's path unless told. */
  readonly name?: string
  /** Sent to the URL's own origin only, never along a redirect to another one. */
  readonly headers?: { readonly [name: string]: string }
  readonly fetch?: typeof fetch
  /** How many failures in a row, with no byte in between, are forgiven; 5 unless told. */
  readonly retries?: number
  /** Milliseconds before the first retry, doubled each time up to 30 s; 500 unless told. A server's Retry-After overrides it. */
  readonly retryDelay?: number
  /** Milliseconds without a byte after which a request counts as cut; 60 000 unless told. */
  readonly stallTimeout?: number
  /** Cancels the opening and every later read. */
  readonly signal?: AbortSignal
}

/** Range support as seen by the first request: what later ones are held against. */
type Identity = { readonly size: number; readonly etag: string | undefined; readonly ranges: boolean }

/**
 * Opens the file at `url` with one request for its first byte, which tells its size.
 * @throws FsError bytes/url, bytes/not-found, bytes/http-*; later reads also bytes/changed when size or ETag are no longer what they were.
 */
export async function httpSource(url: string | URL, options: HttpSourceOptions = {}): Promise<ByteSource> {
  const address = parseUrl(url)
  const name = options.name ?? (decodeName(address.pathname) || address.host)
  const connection: Connection = {
    name,
    url: address,
    headers: new Headers(options.headers),
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    resolved: undefined,
  }
  const closing = new AbortController()
  const lifetime = options.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, options.signal])
  const patience = { retries: options.retries ?? 5, delay: options.retryDelay ?? 500, stall: options.stallTimeout ?? 60_000 }

  const identity = await withRetries(name, patience, lifetime, async (signal) => {
    const reply = await requestRange(connection, 0, 0, signal)
    if (reply.kind === 'failed' && reply.error.details.status === 416) return { kind: 'done', value: emptyFile(reply.error) }
    if (reply.kind !== 'body') return reply
    await reply.response.body?.cancel()
    return { kind: 'done', value: identify(name, reply.response, reply.partial) }
  })

  const state = { name, size: identity.size, closed: false }
  const location = { kind: 'http', url: address.href, ...(options.headers === undefined ? {} : { headers: options.headers }) } as const
  return {
    name,
    location,
    size: identity.size,
    async read(offset, length, readOptions) {
      checkRead(state, offset, length, readOptions?.signal)
      if (length === 0) return new Uint8Array(0)
      if (!identity.ranges && offset > 0) throw noRanges(name)
      const signal = readOptions?.signal === undefined ? lifetime : AbortSignal.any([lifetime, readOptions.signal])
      const bytes = new Uint8Array(length)
      let received = 0
      await withRetries(name, patience, signal, async (attemptSignal, alive) => {
        const first = offset + received
        const reply = await requestRange(connection, first, offset + length - 1, attemptSignal)
        if (reply.kind === 'failed' && reply.error.details.status === 416) return { kind: 'failed', error: changed(name, identity) }
        if (reply.kind !== 'body') return reply
        const problem = mismatch(name, identity, reply.response, reply.partial, first)
        if (problem !== undefined) {
          await reply.response.body?.cancel()
          return { kind: 'failed', error: problem }
        }
        for await (const part of chunksOf(reply.response)) {
          alive()
          const wanted = part.subarray(0, length - received)
          bytes.set(wanted, received)
          received += wanted.byteLength
          if (received === length) return { kind: 'done', value: undefined }
        }
        return { kind: 'retry', error: fail('bytes/http-network', `${name}: the connection ended after ${received} of ${length} bytes`) }
      })
      return bytes
    },
    async close() {
      state.closed = true
      closing.abort()
    },
  }
}

/** The body piece by piece; leaving the loop early cancels the rest. */
async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function parseUrl(url: string | URL): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const usable = parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.password === ''
  if (!usable) throw fail('bytes/url', 'the address is not an http(s) URL without user name and password; pass a token as a header')
  return parsed
}

function decodeName(path: string): string {
  const last = path.slice(path.lastIndexOf('/') + 1)
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

const CONTENT_RANGE = /^bytes (\d+)-(\d+)\/(\d+)$/

function identify(name: string, response: Response, partial: boolean): Identity {
  const etag = strongTag(response)
  const text = partial ? CONTENT_RANGE.exec(response.headers.get('content-range') ?? '')?.[3] : response.headers.get('content-length')
  const size = text === null || text === undefined || text === '' ? Number.NaN : Number(text)
  if (!Number.isSafeInteger(size)) {
    throw fail('bytes/http-size-unknown', `${name}: the server does not say how large the file is; download it first`, { file: name })
  }
  return { size, etag, ranges: partial }
}

/** A range request on an empty file is refused with 416 and `bytes * /0`. */
function emptyFile(error: FsError): Identity {
  if (error.details.contentRange !== 'bytes */0') throw error
  return { size: 0, etag: undefined, ranges: true }
}

/** What is wrong with a reply to a request for the bytes from `first` on, held against the first reply; undefined when nothing is. */
function mismatch(name: string, identity: Identity, response: Response, partial: boolean, first: number): FsError | undefined {
  if (!partial && first > 0) return noRanges(name)
  const range = CONTENT_RANGE.exec(response.headers.get('content-range') ?? '')
  if (partial && (range === null || Number(range[1]) !== first)) {
    const got = response.headers.get('content-range') ?? 'no Content-Range'
    return fail('bytes/http-bad-range', `${name}: asked for bytes from ${first}, the server sent ${got}`, { file: name, first, got })
  }
  const size = partial ? Number(range?.[3]) : Number(response.headers.get('content-length') ?? identity.size)
  const etag = strongTag(response)
  if (size !== identity.size || (etag !== undefined && identity.etag !== undefined && etag !== identity.etag)) {
    return changed(name, identity)
  }
  return undefined
}

function changed(name: string, identity: Identity): FsError {
  return fail('bytes/changed', `${name} changed on the server while it was being read; start again`, { file: name, size: identity.size })
}

function noRanges(name: string): FsError {
  return fail('bytes/http-no-range', `${name}: the server sends whole files only, so parts of it cannot be read; download it first`, {
    file: name,
  })
}

/** The ETag without its weakness mark, which proxies add when they touch nothing but the transfer. */
function strongTag(response: Response): string | undefined {
  return response.headers.get('etag')?.replace(/^W\//, '')
}
