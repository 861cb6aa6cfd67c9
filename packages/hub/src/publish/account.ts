// Whose token it is: the first thing to know before publishing in somebody's name.

import { FsError } from '@fs/core'
import { whoAmI } from '@huggingface/hub'
import type { HubAccess } from '../access.ts'
import { hubError } from '../errors.ts'
import { asPublisher, NO_CREDENTIALS, publishFetch } from './publish-request.ts'

export type Account = {
  readonly name: string
  readonly organizations: readonly string[]
  /** What the token may do, as the Hub calls it: `read`, `write`, `fineGrained`. */
  readonly role?: string
}

/**
 * The account the token belongs to.
 * @throws FsError `hub/no-token`, `hub/bad-token`, and those of `hubRequest`
 */
export async function account(access: HubAccess): Promise<Account> {
  try {
    const fetch = publishFetch(access, { repository: 'your account' })
    const answer = await asPublisher('Asking for the account', () => whoAmI({ ...NO_CREDENTIALS, hubUrl: access.endpoint, fetch }))
    const role = answer.auth.accessToken?.role
    return {
      name: answer.name,
      organizations: answer.type === 'user' ? answer.orgs.map(({ name }) => name) : [],
      ...(role === undefined ? {} : { role }),
    }
  } catch (error) {
    if (!FsError.is(error) || error.details.status !== 401) throw error
    throw hubError(
      'hub/bad-token',
      `${new URL(access.endpoint).host} refused the access token; make a new one in your Hub settings and set HF_TOKEN`,
      error.details,
    )
  }
}
