// The Node part of `@fs/hub`: environment, proxy, and the cache all Hub tools on a machine share.
export { type Environment, type HubEnvironment, readHubEnvironment } from './environment.ts'
export { downloadSnapshot, type Snapshot, type SnapshotFile, type SnapshotProgress, type SnapshotRequest } from './snapshot.ts'
