// A folder of which only some files are seen: what belongs to one file among unrelated ones.
import type { Folder } from '@fs/core'

/** The files of `folder` whose names match `pattern`. */
export function narrowedFolder(folder: Folder, pattern: RegExp): Folder {
  return { ...folder, files: new Map([...folder.files].filter(([name]) => pattern.test(name))) }
}
