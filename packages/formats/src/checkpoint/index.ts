// Opening a checkpoint whatever it is stored in.

export type { Container, FileProbe, OpenedContainer } from './container.ts'
export { CONTAINERS, type ContainerId } from './containers.ts'
export { openCheckpoint } from './open-checkpoint.ts'
export { UNIFIED_FORMAT } from './unified.ts'
