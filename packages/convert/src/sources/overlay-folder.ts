// A folder with some files made up or left out: tokenizer files that a checkpoint implies but does not have.
// Nothing is written anywhere.
import type { Folder } from '@fs/core'
import { memorySource } from '@fs/formats/bytes'

/** @param added contents by name; they hide files of the same name */
export function overlayFolder(folder: Folder, added: ReadonlyMap<string, Uint8Array>, removed: readonly string[] = []): Folder {
  const files = new Map([...folder.files].filter(([name]) => !removed.includes(name)))
  for (const [name, bytes] of added) files.set(name, { size: bytes.length })
  return {
    name: folder.name,
    files,
    open: async (name) => {
      const bytes = added.get(name)
      // A copy, since a reader may hand its bytes over to another thread.
      return bytes === undefined ? folder.open(name) : memorySource(bytes.slice(), name)
    },
  }
}
