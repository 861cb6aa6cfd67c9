// One request to the Hub: redirects followed by hand, the token kept at home, failures retried or put into words.
// It does not read bodies (`body.ts`) and knows nothing of repositories beyond what a message needs.
import { FsError } from '@fs/core'
import { DEFAULT_PATIENCE, type HubAccess, type Patience } from './access.ts'
import { hubError } from './errors.ts'
import { failureOf, pauseAskedFor, placeOf, type Subject, unreachable } from './failures.ts'

export type HubRequest = {
  readonly url: string
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT'
  readonly headers?: { readonly [name: string]: string }
  /** Repeatable, since a request may be tried again. */
  readonly body?: string | Blob | Uint8Array<ArrayBuffer>
  readonly subject: Subject
  /** Statuses that are answers and not failures, beside 2xx. */
  readonly accept?: readonly number[]
}

export type HubAnswer = {
  readonly response: Response
  /** Headers of the first answer, before any redirect: the Hub says there what a file is (`X-Linked-Etag` …), its storage does not. */
  readonly firstHeaders: Headers
  /** Where the response came from, redirects included. */
  readonly url: string
}

/** More than any honest chain: renamed repository, mirror, storage, region. */
const MOST_REDIRECTS = 8

/**
 * Sends a request and returns the first useful answer.
 * @throws FsError of `failureOf`, `hub/unreachable`, `hub/offline` or `hub/bad-redirect`; the abort reason when `access.signal` is aborted
 */
export async function hubRequest(access: HubAccess, request: HubRequest): Promise<HubAnswer> {
  if (access.offline === true)
    throw hubError(
      'hub/offline',
      `${placeOf(request.url)} is needed and offline mode is on; run without --offline and HF_HUB_OFFLINE, or download first`,
      {
        url: placeOf(request.url),
      },
    )
  const patience: Patience = { ...DEFAULT_PATIENCE, ...access.patience }
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryOnce(access, request, patience)
    if ('response' in outcome) return outcome
    const pause = outcome.pause ?? patience.firstPause * 2 ** (attempt - 1)
    if (!outcome.retry || attempt >= patience.tries || pause > patience.longestPause) throw outcome.error
    access.onPause?.({ reason: outcome.retry, milliseconds: pause })
    await sleep(pause, access.signal)
  }
}

/** Bytes per millisecond below which an upload counts as stuck: 32 KB/s. */
const SLOWEST_UPLOAD = 32
/** `setTimeout` takes no more than a 32-bit number of milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1

type Failure = {
  readonly error: FsError
  readonly retry?: 'rate-limited' | 'server-error' | 'unreachable' | undefined
  readonly pause?: number | undefined
}

async function tryOnce(access: HubAccess, request: HubRequest, patience: Patience): Promise<HubAnswer | Failure> {
  let answer: HubAnswer
  try {
    answer = await followRedirects(access, request, patience)
  } catch (error) {
    access.signal?.throwIfAborted()
    if (!FsError.is(error)) throw error
    return { error, retry: mayPass(error) && request.method !== 'POST' ? 'unreachable' : undefined }
  }
  const { response, url } = answer
  if (response.ok || request.accept?.includes(response.status)) return answer
  await discard(response)
  const error = failureOf({ url, status: response.status, headers: response.headers }, access, request.subject)
  if (response.status === 429) return { error, retry: 'rate-limited', pause: pauseAskedFor(response.status, response.headers) }
  // A POST that failed half-way may have had its effect; only where the server says it did nothing is it sent again.
  const failing = request.method === 'POST' ? response.status === 503 : response.status === 408 || response.status >= 500
  if (failing) return { error, retry: 'server-error', pause: pauseAskedFor(response.status, response.headers) }
  return { error }
}

/** Cut lines and late answers pass; an unknown name, a closed port or a bad certificate will be the same a second later. */
function mayPass({ code, details }: FsError): boolean {
  return code === 'hub/unreachable' && !/ENOTFOUND|ECONNREFUSED|CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(String(details.cause))
}

async function followRedirects(access: HubAccess, request: HubRequest, patience: Patience): Promise<HubAnswer> {
  const home = new URL(access.endpoint).origin
  let url = request.url
  let method = request.method ?? 'GET'
  let body = request.body
  let firstHeaders: Headers | undefined
  let trusted = access.accessToken !== undefined
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    // Once away from home the token stays away, even if a later hop leads back.
    trusted &&= new URL(url).origin === home
    const headers = { ...request.headers, ...(trusted ? { authorization: `Bearer ${access.accessToken}` } : {}) }
    const response = await send(access, url, { method, headers, ...(body === undefined ? {} : { body }) }, patience)
    firstHeaders ??= response.headers
    if (![301, 302, 303, 307, 308].includes(response.status)) return { response, firstHeaders, url }
    await discard(response)
    url = nextAddress(url, response.headers.get('location'))
    if (response.status === 303 || (response.status < 303 && method === 'POST')) {
      method = method === 'HEAD' ? 'HEAD' : 'GET'
      body = undefined
    }
  }
  throw hubError('hub/bad-redirect', `${placeOf(request.url)} redirects more than ${MOST_REDIRECTS} times; check HF_ENDPOINT`, {
    url: placeOf(request.url),
  })
}

function nextAddress(from: string, location: string | null): string {
  const next = location === null ? null : URL.parse(location, from)
  const problem =
    next === null
      ? 'to no readable address'
      : !/^https?:$/.test(next.protocol)
        ? `to ${next.protocol} instead of https:`
        : from.startsWith('https:') && next.protocol !== 'https:'
          ? `away from https, to ${placeOf(next.href)}`
          : next.username !== '' || next.password !== ''
            ? 'to an address with credentials'
            : undefined
  if (next === null || problem !== undefined)
    throw hubError('hub/bad-redirect', `${placeOf(from)} redirects ${problem}; check HF_ENDPOINT and the proxy`, { url: placeOf(from) })
  return next.href
}

async function send(access: HubAccess, url: string, init: RequestInit, patience: Patience): Promise<Response> {
  const late = new AbortController()
  // The answer to an upload comes after the last byte of it.
  const time = patience.answer + (init.body instanceof Blob ? init.body.size / SLOWEST_UPLOAD : 0)
  const timer = setTimeout(() => late.abort(new DOMException('No answer in time.', 'TimeoutError')), Math.min(time, LONGEST_TIMER))
  const signal = access.signal === undefined ? late.signal : AbortSignal.any([access.signal, late.signal])
  const call = access.fetch ?? globalThis.fetch
  try {
    const response = await call(url, { ...init, redirect: 'manual', signal })
    // Browsers hide redirects from scripts; there the platform follows them and drops the token at a foreign origin itself (Fetch, 4.4).
    return response.type === 'opaqueredirect' ? await call(url, { ...init, redirect: 'follow', signal }) : response
  } catch (error) {
    access.signal?.throwIfAborted()
    throw unreachable(url, error)
  } finally {
    clearTimeout(timer)
  }
}

/** Lets go of a body nobody reads, so that its connection can be used again. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined)
}

/** Waits, unless `signal` is aborted, in which case it throws the signal's reason. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
