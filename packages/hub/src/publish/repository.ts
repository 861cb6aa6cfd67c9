// Creates a model repository. It fails when there is one, so that nobody publishes over something else by a slip.
import { createRepo } from '@huggingface/hub'
import type { HubAccess } from '../access.ts'
import { checkRepository } from '../model-id.ts'
import { asPublisher, NO_CREDENTIALS, publishFetch } from './publish-request.ts'

export type Visibility = 'public' | 'private'

/**
 * Creates `org/name`, empty.
 * @returns the page's address
 * @throws FsError `hub/exists`, `hub/no-token`, `hub/bad-id`, and those of `hubRequest`
 */
export async function createRepository(access: HubAccess, repository: string, visibility: Visibility): Promise<string> {
  checkRepository(repository)
  const fetch = publishFetch(access, { repository })
  await asPublisher(`Creating ${repository}`, () =>
    createRepo({ ...NO_CREDENTIALS, repo: { type: 'model', name: repository }, visibility, hubUrl: access.endpoint, fetch }),
  )
  return `${access.endpoint}/${repository}`
}
