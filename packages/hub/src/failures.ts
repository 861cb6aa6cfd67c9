// From a failed answer, or none at all, to one sentence that says what to do.
// What the statuses and X-Error-Code values mean: `hf_raise_for_status` in huggingface_hub 1.33 (utils/_http.py). Nothing is retried here.
import type { FsError } from '@fs/core'
import type { HubAccess } from './access.ts'
import { hubError } from './errors.ts'

/** What a request is about, for its error messages. */
export type Subject = { readonly repository: string; readonly revision?: string; readonly file?: string }

/** What is needed of a failed answer; headers by lower-case name. */
export type FailedAnswer = { readonly url: string; readonly status: number; readonly headers: Headers }

/** The error for an answer that is neither a success nor a redirect. */
export function failureOf(answer: FailedAnswer, access: HubAccess, subject: Subject): FsError {
  const { status, headers } = answer
  const code = headers.get('x-error-code') ?? ''
  const said = tidy(headers.get('x-error-message') ?? '')
  const { repository } = subject
  const file = subject.file ?? 'the file'
  const revision = subject.revision ?? 'main'
  const host = new URL(answer.url).host
  const details = { repository, status, url: placeOf(answer.url), ...(code === '' ? {} : { errorCode: tidy(code) }) }
  const page = `${access.endpoint}/${repository}`
  const hasToken = access.accessToken !== undefined

  const { origin } = new URL(answer.url)
  if (hasToken && (code === 'GatedRepo' || status === 401) && origin !== new URL(access.endpoint).origin)
    return hubError(
      'hub/gated',
      `${access.endpoint} sends us on to ${host}, which asks for a token for ${repository}, and the token goes to ${access.endpoint} alone; set HF_ENDPOINT to ${origin} or unset it`,
      details,
    )
  if (code === 'GatedRepo') {
    const how = hasToken
      ? `accept the licence at ${page} with the account the token in HF_TOKEN belongs to, and wait until access is granted`
      : `accept the licence at ${page}, then set HF_TOKEN`
    return hubError('hub/gated', `${repository} is gated: ${how}`, details)
  }
  if (code === 'RevisionNotFound')
    return hubError(
      'hub/revision-not-found',
      `${repository} has no branch, tag or commit ${revision}; see ${page}/tree/main for those it has`,
      details,
    )
  if (code === 'EntryNotFound')
    return hubError('hub/file-not-found', `${repository} has no ${file} at ${revision}; see ${page}/tree/${revision}`, details)
  if (status === 401 && /invalid (credentials|username)/i.test(said))
    return hubError(
      'hub/bad-token',
      `${host} refused the access token; make a new one in your Hub settings and set HF_TOKEN, or unset it`,
      details,
    )
  if (code === 'RepoNotFound' || status === 401)
    return hubError(
      'hub/repo-not-found',
      `${host} shows no model ${repository}: check the spelling, or ${privateAdvice(hasToken)}`,
      details,
    )
  if (status === 403)
    return hubError(
      'hub/forbidden',
      `${host} refuses access to ${repository}${said === '' ? '' : ` ("${said}")`}; look at ${page}`,
      details,
    )
  if (status === 404)
    return subject.file === undefined
      ? hubError(
          'hub/repo-not-found',
          `${host} shows no model ${repository}: check the spelling and HF_ENDPOINT, or ${privateAdvice(hasToken)}`,
          details,
        )
      : hubError('hub/file-not-found', `${repository} has no ${file} at ${revision}; see ${page}/tree/${revision}`, details)
  if (status === 409) return hubError('hub/exists', `${repository} exists already; upload to it, or choose another name`, details)
  if (status === 429) {
    const pause = pauseAskedFor(status, headers)
    const wait = pause === undefined ? 'wait a few minutes' : `wait ${Math.ceil(pause / 1000)} seconds`
    return hubError(
      'hub/rate-limited',
      `${host} limits the rate of requests: ${wait} and run again${hasToken ? '' : ', or set HF_TOKEN, which raises the limit'}`,
      details,
    )
  }
  if (status >= 500)
    return hubError(
      'hub/server-error',
      `${placeOf(answer.url)} answers with status ${status}; the server is at fault, run again later`,
      details,
    )
  return hubError(
    'hub/unexpected-status',
    `${placeOf(answer.url)} answers with status ${status}${said === '' ? '' : ` ("${said}")`}; check HF_ENDPOINT`,
    details,
  )
}

/** The error for a request that got no answer at all. `cause` is what the transport threw. */
export function unreachable(url: string, cause: unknown): FsError {
  const code = transportCode(cause)
  if (isProxyRefusal(cause))
    return hubError(
      'hub/bad-proxy',
      'The proxy refuses to connect us or asks for a name and password; check HTTPS_PROXY (http://name:password@host:port)',
      {
        url: placeOf(url),
      },
    )
  const place = new URL(url).host
  const details = { url: placeOf(url), ...(code === undefined ? {} : { cause: code }) }
  if (code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(code))
    return hubError(
      'hub/unreachable',
      `${place} has a certificate that is not trusted (${code}); behind a company proxy, name its certificate in NODE_EXTRA_CA_CERTS`,
      details,
    )
  const reason = code === undefined ? 'the connection failed' : (reasons.get(code) ?? code)
  return hubError(
    'hub/unreachable',
    `${place} cannot be reached (${reason}); check the connection, HF_ENDPOINT and HTTPS_PROXY, or use --offline`,
    details,
  )
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'its name is unknown'],
  ['EAI_AGAIN', 'names cannot be looked up'],
  ['ECONNREFUSED', 'nothing listens there'],
  ['ECONNRESET', 'the connection was reset'],
  ['UND_ERR_SOCKET', 'the connection was closed'],
  ['UND_ERR_CONNECT_TIMEOUT', 'no answer in time'],
  ['ETIMEDOUT', 'no answer in time'],
  ['TimeoutError', 'no answer in time'],
])

/** The innermost error code of what a transport threw: Node wraps it in causes, and in a list when several addresses were tried. */
function transportCode(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 5) return undefined
  const { cause, code, name, errors } = error as { cause?: unknown; code?: unknown; name?: unknown; errors?: unknown }
  const inner = transportCode(cause, depth + 1) ?? (Array.isArray(errors) ? transportCode(errors[0], depth + 1) : undefined)
  return inner ?? (typeof code === 'string' ? tidy(code) : name === 'TimeoutError' ? name : undefined)
}

/** Fetch turns status 407 into a failure without a code ("proxy authentication required"), and undici a refused tunnel into another. */
function isProxyRefusal(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 5) return false
  return /proxy authentication required|proxy response \(\d+\)/i.test(error.message) || isProxyRefusal(error.cause, depth + 1)
}

/**
 * Milliseconds a server asks us to wait: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), or, when it refuses for the rate,
 * the Hub's `RateLimit: "api";r=0;t=55` (draft-ietf-httpapi-ratelimit-headers-09), which is on every answer. Undefined when it does not say.
 */
export function pauseAskedFor(status: number, headers: Headers, now = Date.now()): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const date = text === '' ? Number.NaN : Date.parse(text)
  if (!Number.isNaN(date)) return Math.max(0, date - now)
  const [, reset] = status === 429 ? (/;\s*t\s*=\s*(\d{1,9})/.exec(headers.get('ratelimit') ?? '') ?? []) : []
  return reset === undefined ? undefined : Number(reset) * 1000
}

/** Host and path of an address: what follows `?` may be a signature, and is nobody's business. */
export function placeOf(url: string): string {
  const parsed = URL.parse(url)
  return parsed === null ? 'an unreadable address' : tidy(parsed.host + parsed.pathname)
}

/** Text of a server as it may stand in a message: one line, no control characters, 200 characters at most. */
export function tidy(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Z}]+/gu, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}

/** Names for a message: the first few, and how many more. */
export function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 6).map(tidy).join(', ')
  return names.length > 6 ? `${shown}, and ${names.length - 6} more` : shown
}

function privateAdvice(hasToken: boolean): string {
  return hasToken ? 'use a token that may read it, if it is private' : 'set HF_TOKEN, if it is private'
}
