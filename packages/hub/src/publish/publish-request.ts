// The official client's calls that change something, through our transport: the token, redirects and failures are handled as everywhere.
// What each call means is in the files beside it.
import { FsError } from '@fs/core'
import type { HubAccess } from '../access.ts'
import { refuseWebPage } from '../body.ts'
import { hubError } from '../errors.ts'
import { type Subject, tidy } from '../failures.ts'
import { type HubRequest, hubRequest } from '../request.ts'

/** What the official client is told instead of a token: nothing, for our transport has it. */
export const NO_CREDENTIALS = { accessToken: '' } as const

/**
 * A `fetch` for the official client. It never sees the token; `onPart` hears of every part of a large file that was stored.
 * @throws FsError `hub/no-token` at once when there is no token
 */
export function publishFetch(access: HubAccess, subject: Subject, onPart?: (path: string, parts: number) => void): typeof fetch {
  if (access.accessToken === undefined)
    throw hubError('hub/no-token', `Publishing on ${new URL(access.endpoint).host} needs an access token that may write; set HF_TOKEN`, {})
  return async (input, init) => {
    const headers = new Headers(init?.headers)
    // The client writes "Bearer" and the token it does not have.
    headers.delete('authorization')
    const { body } = init ?? {}
    const answer = await hubRequest(access, {
      url: String(input),
      method: (init?.method ?? 'GET') as NonNullable<HubRequest['method']>,
      headers: Object.fromEntries(headers),
      ...(typeof body === 'string' || body instanceof Blob ? { body } : {}),
      subject,
    })
    await refuseWebPage(answer)
    const hint = partOf(init)
    if (hint !== undefined) onPart?.(hint.path, hint.numParts)
    return answer.response
  }
}

/** What the client says about an upload it makes in parts (`commit.ts` of @huggingface/hub, `progressHint`). */
function partOf(init: object | undefined): { readonly path: string; readonly numParts: number } | undefined {
  const { progressHint: hint } = (init ?? {}) as { progressHint?: { path?: unknown; numParts?: unknown } }
  return typeof hint?.path === 'string' && typeof hint.numParts === 'number' ? { path: hint.path, numParts: hint.numParts } : undefined
}

/** Runs a call of the official client; what it throws itself, about an answer's shape or a refused object, becomes an error of ours. */
export async function asPublisher<Value>(what: string, call: () => Promise<Value>): Promise<Value> {
  try {
    return await call()
  } catch (error) {
    if (FsError.is(error) || !(error instanceof Error) || error.name === 'AbortError') throw error
    throw hubError(
      'hub/upload-refused',
      `${what} failed: ${tidy(error.message)}; run again, and if it stays so look at the repository's page`,
      {},
      error,
    )
  }
}
