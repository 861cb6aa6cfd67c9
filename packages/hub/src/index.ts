// What works in browsers and Node alike: model ids, talking to a Hub, choosing files, reading a repository in place.
// The cache and the environment are Node's: `@fs/hub/node`.
export {
  DEFAULT_ENDPOINT,
  DEFAULT_PATIENCE,
  type HubAccess,
  normalizeEndpoint,
  normalizeToken,
  type Patience,
  type Pause,
} from './access.ts'
export { type HubFile, type Listing, listRepository, resolveCommit } from './listing.ts'
export { formatModelId, isCommit, isRepositoryName, type ModelId, parseModelId } from './model-id.ts'
export { type OpenUrl, type RemoteFolder, remoteFolder } from './remote-folder.ts'
export { type FileSelector, type Repository, selectModel, selectNamed } from './select.ts'
