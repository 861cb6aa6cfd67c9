// The files directly beside a lone file, so that the parts of a split model can be found. Subfolders are left alone.
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Folder } from '@fs/core'
import { fail } from '../errors.ts'
import { fileSource } from './file-source.ts'

/** Lists the regular files in `path`, links followed. Any number is allowed: a lone file may lie in a folder full of others. */
export async function siblingFolder(path: string): Promise<Folder> {
  const root = resolve(path)
  const files = new Map<string, { readonly size: number }>()
  for (const name of (await readdir(root)).sort()) {
    const stats = await stat(join(root, name)).catch(() => undefined)
    if (stats?.isFile() === true) files.set(name, { size: stats.size })
  }
  return {
    name: basename(root),
    files,
    async open(name) {
      if (!files.has(name)) throw fail('folder/not-found', `there is no ${name} in ${path}`, { file: name })
      return fileSource(join(root, name))
    },
  }
}
