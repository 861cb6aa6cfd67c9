// Reads a small text file of a folder whole. Nothing else.
import type { Folder } from '@fs/core'

/** Longest text taken from a model card or a settings file; longer ones are somebody's mistake or malice. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024

/** @returns the text, or undefined when there is no such file or it is too long to be what its name says */
export async function readText(folder: Folder, name: string): Promise<string | undefined> {
  const entry = folder.files.get(name)
  if (entry === undefined || entry.size > MAX_TEXT_BYTES) return undefined
  const source = await folder.open(name)
  try {
    return new TextDecoder().decode(await source.read(0, source.size))
  } finally {
    await source.close()
  }
}
