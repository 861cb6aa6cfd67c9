// Reads a small file of a folder whole. Nothing else.
import type { Folder } from '@fs/core'

/** Longest file taken: a tokenizer has some 10 MB; longer ones are somebody's mistake or malice. */
const MAX_BYTES = 64 * 1024 * 1024
/** Longest text taken from a model card or a settings file. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024

/** @returns the bytes, or undefined when there is no such file or it is too long to be what its name says */
export async function readBytes(folder: Folder, name: string, longest = MAX_BYTES): Promise<Uint8Array | undefined> {
  const entry = folder.files.get(name)
  if (entry === undefined || entry.size > longest) return undefined
  const source = await folder.open(name)
  try {
    return await source.read(0, source.size)
  } finally {
    await source.close()
  }
}

/** @returns the text, or undefined when there is no such file or it is too long to be what its name says */
export async function readText(folder: Folder, name: string): Promise<string | undefined> {
  const bytes = await readBytes(folder, name, MAX_TEXT_BYTES)
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
}
