// Reading an answer's body: piece by piece with an eye on the clock, or whole within a limit.
// It knows nothing of files; what the bytes mean and where they go is the caller's.
import { DEFAULT_PATIENCE, type HubAccess } from './access.ts'
import { hubError } from './errors.ts'
import { placeOf, unreachable } from './failures.ts'
import { discard, type HubAnswer } from './request.ts'

/** Listings of the largest repositories are a few MB per page; what is larger is not one. */
const LARGEST_API_ANSWER = 64 * 2 ** 20

/**
 * The body's bytes as they come in.
 * @throws FsError `hub/unreachable` when the connection breaks or stays silent; the abort reason when `access.signal` is aborted
 */
export async function* pieces(access: HubAccess, { response, url }: HubAnswer): AsyncGenerator<Uint8Array, void> {
  if (response.body === null) return
  const silence = access.patience?.silence ?? DEFAULT_PATIENCE.silence
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader()
  try {
    while (true) {
      const { done, value } = await withinTime(reader.read(), silence)
      if (done) return
      if (value !== undefined && value.length > 0) yield value
    }
  } catch (error) {
    access.signal?.throwIfAborted()
    throw unreachable(url, error)
  } finally {
    // Not awaited: a stalled connection may never confirm.
    reader.cancel().catch(() => undefined)
  }
}

function withinTime<Value>(promise: Promise<Value>, milliseconds: number): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException('No data in time.', 'TimeoutError')), milliseconds)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/**
 * A whole body as text.
 * @param largest refuses longer bodies before they fill the memory
 * @throws FsError `hub/bad-answer` when it is longer or not UTF-8
 */
export async function readText(access: HubAccess, answer: HubAnswer, largest: number): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const piece of pieces(access, answer)) {
    length += piece.length
    if (length > largest)
      throw hubError(
        'hub/bad-answer',
        `${placeOf(answer.url)} sends more than ${largest} bytes where a list was expected; check HF_ENDPOINT`,
        { largest },
      )
    parts.push(piece)
  }
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw hubError('hub/bad-answer', `${placeOf(answer.url)} sends text that is not UTF-8; check HF_ENDPOINT`)
  }
}

/**
 * A body as JSON.
 * @throws FsError `hub/not-a-hub` for a web page, `hub/bad-answer` for anything else that is not JSON
 */
export async function readJson(access: HubAccess, answer: HubAnswer): Promise<unknown> {
  await refuseWebPage(answer)
  const text = await readText(access, answer, LARGEST_API_ANSWER)
  try {
    return JSON.parse(text)
  } catch {
    throw hubError('hub/bad-answer', `${placeOf(answer.url)} sends something that is not JSON; check HF_ENDPOINT`)
  }
}

/**
 * Proxies, captive portals and wrong endpoints answer everything with a page of their own, status 200.
 * @throws FsError `hub/not-a-hub`
 */
export async function refuseWebPage(answer: HubAnswer): Promise<void> {
  if (!/^text\/html\b/i.test(answer.response.headers.get('content-type') ?? '')) return
  await discard(answer.response)
  throw hubError(
    'hub/not-a-hub',
    `${placeOf(answer.url)} sends a web page instead of data: a proxy, a login page, or an HF_ENDPOINT that is no Hub`,
    { url: placeOf(answer.url) },
  )
}
