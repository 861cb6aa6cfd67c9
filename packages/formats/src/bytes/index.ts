// Byte sources that work everywhere: memory, Blob, HTTP ranges, and read-ahead over any of them.
// Files on disk need Node and are in `@fs/formats/node`.
export { blobSource } from './blob.ts'
export { type HttpSourceOptions, httpSource } from './http.ts'
export { memorySource } from './memory.ts'
export { type ReadAheadOptions, readAhead } from './read-ahead.ts'
