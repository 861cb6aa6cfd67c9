// What is needed to talk to a Hub: where, as whom, how patiently. Plain data with one function for a caller's own transport.
// Where the values come from (environment, flags) is not its business; in Node see `node/environment.ts`.
import { hubError } from './errors.ts'

/** How long to wait and how often to try again. Times in milliseconds. */
export type Patience = {
  /** Tries of one request, the first included, and tries of one file in a row that bring no new byte. */
  readonly tries: number
  /** Pause before the second try; each further one is twice as long. */
  readonly firstPause: number
  /** Longest single pause a server may ask for with Retry-After before we give up instead. */
  readonly longestPause: number
  /** Time for the head of an answer to arrive. */
  readonly answer: number
  /** Longest silence in the middle of a body; afterwards the connection counts as cut. */
  readonly silence: number
}

/** The Hub's rate limit counts in windows of five minutes (docs, "Hub rate limits"), so that is the longest pause that makes sense. */
export const DEFAULT_PATIENCE: Patience = { tries: 5, firstPause: 1000, longestPause: 300_000, answer: 30_000, silence: 30_000 }

/** A pause the user may want to hear of. */
export type Pause = { readonly reason: 'rate-limited' | 'server-error' | 'unreachable' | 'cut'; readonly milliseconds: number }

export type HubAccess = {
  /** Address of the Hub, without a slash at the end. */
  readonly endpoint: string
  /** Sent to the endpoint's own origin and nowhere else. Never part of a message. */
  readonly accessToken?: string
  /** The transport; the global `fetch` by default. Must not follow redirects when told `redirect: 'manual'`. */
  readonly fetch?: typeof fetch
  /** True to send nothing at all: the cache answers, or nobody. */
  readonly offline?: boolean
  readonly patience?: Partial<Patience>
  readonly signal?: AbortSignal
  readonly onPause?: (pause: Pause) => void
}

export const DEFAULT_ENDPOINT = 'https://huggingface.co'

/**
 * The endpoint in the form the rest relies on: http or https, no credentials, no query, no slash at the end.
 * @throws FsError `hub/bad-endpoint`, without repeating what may be a password
 */
export function normalizeEndpoint(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw hubError('hub/bad-endpoint', 'HF_ENDPOINT is not an http or https address; set it to one like https://huggingface.co or unset it')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw hubError(
      'hub/bad-endpoint',
      `HF_ENDPOINT for ${url.host} has credentials or a query in it; give the bare address and the token in HF_TOKEN`,
    )
  return url.origin + url.pathname.replace(/\/+$/, '')
}

/**
 * A token as it may stand in a header. White space around it, common in token files, is dropped.
 * @throws FsError `hub/bad-token`; checked here because `fetch` would repeat a malformed header, token and all, in its own message
 */
export function normalizeToken(text: string): string {
  const token = text.trim()
  if (!/^[\u0021-\u007e]+$/.test(token))
    throw hubError(
      'hub/bad-token',
      'The access token is empty or has spaces or foreign characters in it; copy it again from your Hub settings into HF_TOKEN',
    )
  return token
}
