// A folder on disk as a flat listing. It looks at names and sizes only and opens nothing until asked.
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Folder } from '@fs/core'
import { fail } from '../errors.ts'
import { fileSource } from './file-source.ts'

/** Far above any checkpoint; reached when someone points at a home directory by mistake. */
const MAX_FILES = 20_000
/** `1_Pooling/config.json` is level 2; repositories with several runtimes go to 4. */
const MAX_LEVELS = 8

/**
 * Lists the folder at `path` with its subfolders. Hidden folders are left out (`.git`, `.cache`). Links to files are followed, as the Hugging
 * Face cache is made of them; links to folders are not, so that nothing can go in circles; broken links and subfolders that cannot be read are left out.
 * @throws FsError bytes/not-found, bytes/not-a-file, folder/too-large
 */
export async function nodeFolder(path: string): Promise<Folder> {
  const root = resolve(path)
  const stats = await stat(root).catch((cause: NodeJS.ErrnoException) => {
    throw fail('bytes/not-found', `${path}: there is no such folder`, { path }, cause)
  })
  if (!stats.isDirectory()) throw fail('bytes/not-a-file', `${path} is not a folder`, { path })
  const files = new Map<string, { readonly size: number }>()
  await list(root, '', 1, files)
  return {
    name: folderName(root),
    files,
    async open(name) {
      if (!files.has(name)) throw fail('folder/not-found', `there is no ${name} in ${path}`, { file: name })
      return fileSource(join(root, name))
    },
  }
}

async function list(root: string, prefix: string, level: number, files: Map<string, { readonly size: number }>): Promise<void> {
  const entries = await readdir(join(root, prefix), { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (prefix === '')
      throw fail('bytes/not-found', `${root}: the folder cannot be read (${cause.code ?? cause.message})`, { path: root }, cause)
    return []
  })
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const name = `${prefix}${entry.name}`
    if (entry.isDirectory()) {
      if (entry.name.startsWith('.')) continue
      if (level === MAX_LEVELS) throw tooLarge(root, `more than ${MAX_LEVELS} levels of folders`)
      await list(root, `${name}/`, level + 1, files)
    } else if (entry.isFile() || entry.isSymbolicLink()) {
      const stats = await stat(join(root, name)).catch(() => undefined)
      if (stats?.isFile() !== true) continue
      if (files.size === MAX_FILES) throw tooLarge(root, `more than ${MAX_FILES} files`)
      files.set(name, { size: stats.size })
    }
  }
}

function tooLarge(root: string, what: string) {
  return fail('folder/too-large', `${root} has ${what}; point at the folder of one model`, { path: root })
}

/** `models--org--name/snapshots/<commit>` of the Hugging Face cache is called by its repository's name. */
function folderName(root: string): string {
  const repository = /[\\/]models--([^\\/]+)[\\/]snapshots[\\/][0-9a-f]{40}$/.exec(root)?.[1]
  return repository === undefined ? basename(root) : (repository.split('--').at(-1) ?? repository)
}
