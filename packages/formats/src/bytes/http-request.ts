// One HTTP range request: redirects followed by hand, credentials kept at home, failures sorted into final and worth retrying.
// It does not loop, wait or keep bytes; `http.ts` does.
import type { FsError } from '@fs/core'
import { fail } from '../errors.ts'

/** What one request ended in. `retry` says the same request may work later, after `afterMs` where the server named a time. */
export type RangeReply =
  | { readonly kind: 'body'; readonly response: Response; readonly partial: boolean }
  | { readonly kind: 'retry'; readonly error: FsError; readonly afterMs?: number }
  | { readonly kind: 'failed'; readonly error: FsError }

/** Where requests go. `resolved` remembers a redirect, so that a thousand ranges do not ask the first server a thousand times. */
export type Connection = {
  readonly name: string
  readonly url: URL
  readonly headers: Headers
  readonly fetch: typeof fetch
  resolved: { readonly url: URL; readonly sameOrigin: boolean } | undefined
}

const MAX_REDIRECTS = 10
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** Request timeout, too early, too many requests: the server asks for patience (RFC 9110 15.5.9, RFC 8470, RFC 6585). 5xx are added in code. */
const PATIENCE: ReadonlySet<number> = new Set([408, 425, 429])
/** Statuses a redirect's signed address answers with once it has expired. */
const EXPIRED: ReadonlySet<number> = new Set([400, 401, 403, 404, 410])

/**
 * Asks for bytes `first` to `last`, both included. Caller's headers go to the origin of the first URL only: once a redirect leaves it, they
 * are dropped for the rest of the chain, so a token never reaches a CDN.
 */
export async function requestRange(connection: Connection, first: number, last: number, signal: AbortSignal): Promise<RangeReply> {
  const remembered = connection.resolved
  const reply = await follow(connection, remembered ?? { url: connection.url, sameOrigin: true }, first, last, signal)
  if (remembered !== undefined && reply.kind === 'failed' && EXPIRED.has(Number(reply.error.details.status))) {
    connection.resolved = undefined
    return follow(connection, { url: connection.url, sameOrigin: true }, first, last, signal)
  }
  return reply
}

async function follow(
  connection: Connection,
  start: { readonly url: URL; readonly sameOrigin: boolean },
  first: number,
  last: number,
  signal: AbortSignal,
): Promise<RangeReply> {
  let { url, sameOrigin } = start
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const headers = new Headers(sameOrigin ? connection.headers : undefined)
    headers.set('range', `bytes=${first}-${last}`)
    // A compressed body would shift every byte position. Browsers forbid the header and do the same on their own.
    headers.set('accept-encoding', 'identity')
    let response: Response
    try {
      response = await connection.fetch(url, { headers, redirect: 'manual', signal })
      // A browser hides redirects from scripts. Its own following drops Authorization across origins (Fetch standard, HTTP-redirect fetch).
      if (response.type === 'opaqueredirect') response = await connection.fetch(url, { headers, redirect: 'follow', signal })
    } catch (cause) {
      if (signal.aborted) throw cause
      return {
        kind: 'retry',
        error: fail('bytes/http-network', `${connection.name}: no answer from ${url.host}; check the network`, {}, cause),
      }
    }
    if (!REDIRECTS.has(response.status)) {
      if (response.status < 400 && hop > 0) connection.resolved = { url, sameOrigin }
      return sort(connection, response)
    }
    await response.body?.cancel()
    const next = redirectTarget(response, url)
    if (next === undefined) return { kind: 'failed', error: redirectError(connection, `${url.host} redirects to no usable address`) }
    sameOrigin &&= next.origin === url.origin
    url = next
  }
  return { kind: 'failed', error: redirectError(connection, `more than ${MAX_REDIRECTS} redirects`) }
}

/** The address a redirect names, unless it is missing, not HTTP, carries credentials, or gives up encryption. */
function redirectTarget(response: Response, from: URL): URL | undefined {
  const location = response.headers.get('location')
  if (location === null || !URL.canParse(location, from)) return undefined
  const next = new URL(location, from)
  const allowed = next.protocol === 'https:' || (next.protocol === 'http:' && from.protocol === 'http:')
  return allowed && next.username === '' && next.password === '' ? next : undefined
}

function redirectError(connection: Connection, what: string) {
  return fail('bytes/http-redirect', `${connection.name}: ${what}; check the URL ${connection.url.origin}${connection.url.pathname}`)
}

async function sort(connection: Connection, response: Response): Promise<RangeReply> {
  const { status } = response
  if (status === 200 || status === 206) {
    const encoding = response.headers.get('content-encoding')
    if (encoding === null || encoding === 'identity') return { kind: 'body', response, partial: status === 206 }
    await response.body?.cancel()
    const message = `${connection.name}: the server compresses the file (${encoding}), so parts of it cannot be read; download it first`
    return { kind: 'failed', error: fail('bytes/http-encoded', message, { encoding }) }
  }
  await response.body?.cancel()
  const where = `${connection.url.origin}${connection.url.pathname}`
  const details = { file: connection.name, status, contentRange: response.headers.get('content-range') ?? undefined }
  if (status === 404 || status === 410) {
    return { kind: 'failed', error: fail('bytes/not-found', `${connection.name}: ${where} does not exist (HTTP ${status})`, details) }
  }
  const hint = status === 401 || status === 403 ? '; it may need a token, or its licence accepted' : ''
  const error = fail('bytes/http-status', `${connection.name}: ${where} answered HTTP ${status}${hint}`, details)
  if (!PATIENCE.has(status) && status < 500) return { kind: 'failed', error }
  const afterMs = retryAfter(response.headers.get('retry-after'))
  return afterMs === undefined ? { kind: 'retry', error } : { kind: 'retry', error, afterMs }
}

/** Milliseconds to wait for a Retry-After header: whole seconds or a date (RFC 9110 10.2.3); undefined when it is neither. */
export function retryAfter(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
