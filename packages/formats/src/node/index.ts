// What needs a disk: files and folders as byte sources. Everything else of the package works without Node.
export { fileSource } from './file-source.ts'
export { nodeFolder } from './node-folder.ts'
export { openPath } from './open-path.ts'
