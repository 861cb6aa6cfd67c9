// Checkpoints of llama2.c as a container.
import { FsError } from '@fs/core'
import { narrowedFolder } from '../folder/narrowed-folder.ts'
import { HEADER_BYTES, parseHeader } from '../llama2c/header.ts'
import { llama2cMetadata, readLlama2c } from '../llama2c/read.ts'
import { type Container, startsWith } from './container.ts'

/** Tokenizers of its own form lie beside models, under names like `tok512.bin`. */
const TOKENIZERS = /^tok\w*\.bin$/

export const llama2c = {
  id: 'llama2c',
  // A folder is not searched: nothing in a name tells these files.
  find: () => undefined,
  detect: ({ head, size, name }) => startsWith(head, '24ka') || isVersion0(head, size, name),
  async open(folder, entry) {
    const source = await folder.open(entry)
    try {
      const file = await readLlama2c(source)
      return { tensors: file.tensors, metadata: llama2cMetadata(file), companions: narrowedFolder(folder, TOKENIZERS) }
    } catch (error) {
      await source.close()
      throw error
    }
  },
} as const satisfies Container

/** Version 0 has no magic; a header that implies the file's size to the byte is no chance. */
function isVersion0(head: Uint8Array, size: number, name: string): boolean {
  try {
    parseHeader(head.subarray(0, HEADER_BYTES), size, name)
    return true
  } catch (error) {
    if (FsError.is(error)) return false
    throw error
  }
}
