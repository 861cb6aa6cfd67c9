// The error codes of this package.
import { errorFactory } from '@fs/core'

export const REGISTRY_ERRORS = {
  'registry/unsupported': 'No architecture of the list matches what the checkpoint says it is.',
  'registry/unnamed': 'The checkpoint does not say which architecture it is.',
  'registry/no-such-id': 'Someone asked for an architecture by an id that is not in the list.',
} as const

export const registryError = errorFactory(REGISTRY_ERRORS)
