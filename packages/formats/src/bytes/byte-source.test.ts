// The list of byte sources that the conformance suite runs over.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { fileSource } from '../node/file-source.ts'
import { serveFiles } from '../test-support/file-server.test-support.ts'
import { blobSource } from './blob.ts'
import { type ByteSourceCase, describeByteSource } from './byte-source.test-support.ts'
import { httpSource } from './http.ts'
import { memorySource } from './memory.ts'
import { readAhead } from './read-ahead.ts'

const folder = await mkdtemp(join(tmpdir(), 'byte-source-'))
const server = await serveFiles()
afterAll(async () => {
  await rm(folder, { recursive: true })
  await server.close()
})

const cases: readonly ByteSourceCase[] = [
  { kind: 'memory', open: async (bytes, name) => memorySource(bytes, name) },
  { kind: 'Blob', open: async (bytes, name) => blobSource(new Blob([Uint8Array.from(bytes)]), name) },
  { kind: 'File', open: async (bytes, name) => blobSource(new File([Uint8Array.from(bytes)], name)) },
  {
    kind: 'file',
    open: async (bytes, name) => {
      await writeFile(join(folder, name), bytes)
      return fileSource(join(folder, name))
    },
  },
  { kind: 'http', open: (bytes, name) => httpSource(server.add(name, bytes)) },
  { kind: 'read-ahead of 64 bytes', open: async (bytes, name) => readAhead(memorySource(bytes, name), { chunk: 64 }) },
  { kind: 'read-ahead over http', open: async (bytes, name) => readAhead(await httpSource(server.add(name, bytes))) },
]
for (const one of cases) describeByteSource(one)
