// Collections: lists of models under a title, in an account's or an organization's name.

import { FsError } from '@fs/core'
import { createCollection as createOnHub } from '@huggingface/hub'
import type { HubAccess } from '../access.ts'
import { hubError } from '../errors.ts'
import { tidy } from '../failures.ts'
import { checkRepository } from '../model-id.ts'
import { asPublisher, publishFetch } from './publish-request.ts'
import type { Visibility } from './repository.ts'

export type Collection = {
  readonly namespace: string
  readonly title: string
  readonly description?: string
  readonly visibility: Visibility
}

/** `namespace/title-0123456789abcdef01234567`, as the Hub makes it. */
const SLUG = /^[\w.-]+\/[\w.-]+$/

/**
 * Creates a collection.
 * @returns its slug; its page is `{endpoint}/collections/{slug}`
 * @throws FsError `hub/no-token`, `hub/no-collection` when the namespace is not the token's, and those of `hubRequest`
 */
export async function createCollection(access: HubAccess, { namespace, title, description, visibility }: Collection): Promise<string> {
  const collection = { namespace, title, private: visibility === 'private', ...(description === undefined ? {} : { description }) }
  const { slug } = await about(`${namespace}'s collections`, access, (fetch) => createOnHub({ collection, hubUrl: access.endpoint, fetch }))
  if (typeof slug === 'string' && SLUG.test(slug)) return slug
  throw hubError('hub/bad-answer', `The Hub made a collection and names no slug; look at ${access.endpoint}/${namespace}`, {})
}

/**
 * Adds a model to a collection.
 * @param item.note shown beside the model, 500 characters at most
 * @throws FsError `hub/no-token`, `hub/bad-id`, `hub/no-collection`, `hub/exists` when the model is in it already, and those of `hubRequest`
 */
export async function addToCollection(
  access: HubAccess,
  slug: string,
  item: { readonly repository: string; readonly note?: string },
): Promise<void> {
  checkRepository(item.repository)
  if (!SLUG.test(slug)) throw noCollection(slug, {})
  // The official client has this call in its sources and does not export it.
  const body = JSON.stringify({ item: { type: 'model', id: item.repository }, ...(item.note === undefined ? {} : { note: item.note }) })
  await about(slug, access, (fetch) =>
    fetch(`${access.endpoint}/api/collections/${slug}/items`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
  )
}

async function about<Value>(
  collection: string,
  access: HubAccess,
  call: (fetch: typeof globalThis.fetch) => Promise<Value>,
): Promise<Value> {
  try {
    return await asPublisher(`Changing ${collection}`, () => call(publishFetch(access, { repository: collection })))
  } catch (error) {
    if (FsError.is(error) && error.code === 'hub/repo-not-found') throw noCollection(collection, error.details)
    throw error
  }
}

function noCollection(collection: string, details: FsError['details']) {
  return hubError(
    'hub/no-collection',
    `There is no collection ${tidy(collection)} the token may change; a collection is named org/title-0123456789abcdef, as in its address`,
    details,
  )
}
