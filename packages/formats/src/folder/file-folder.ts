// A folder made of things at hand: Blobs a person chose in a browser, bytes in a test.
import type { ByteSource, Folder } from '@fs/core'
import { blobSource } from '../bytes/blob.ts'
import { memorySource } from '../bytes/memory.ts'
import { fail } from '../errors.ts'

/** A folder of Blobs or byte arrays by relative name. */
export function fileFolder(name: string, contents: ReadonlyMap<string, Blob | Uint8Array>): Folder {
  const files = new Map(
    [...contents].map(([file, content]) => [file, { size: content instanceof Uint8Array ? content.byteLength : content.size }]),
  )
  return {
    name,
    files,
    async open(file): Promise<ByteSource> {
      const content = contents.get(file)
      if (content === undefined) throw fail('folder/not-found', `there is no ${file} in ${name}`, { file })
      return content instanceof Uint8Array ? memorySource(content, file) : blobSource(content, file)
    },
  }
}

/** A folder without files. */
export function emptyFolder(name: string): Folder {
  return fileFolder(name, new Map())
}
