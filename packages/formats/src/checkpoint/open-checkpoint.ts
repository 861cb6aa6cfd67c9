// Opens a folder or one file of it as a checkpoint: finds the container, lets it open its parts, adds config.json.
// It interprets nothing in them.
import type { Checkpoint, Folder, TensorSource } from '@fs/core'
import { fail } from '../errors.ts'
import { emptyFolder } from '../folder/file-folder.ts'
import { readJsonObject } from '../json/read-json-object.ts'
import { type Container, type FileProbe, HEAD_BYTES, startsWith } from './container.ts'
import { CONTAINERS } from './containers.ts'
import { withDenseModules } from './dense-modules.ts'

/**
 * Opens the model in `folder`: the first container of the list that finds its files there. With `fileName` only that file is opened, by its
 * content, and the result's folder holds no more than the container counts as belonging to it.
 * @throws FsError checkpoint/empty, checkpoint/ambiguous, checkpoint/unknown-container, checkpoint/git-lfs-pointer, checkpoint/web-page,
 * checkpoint/module-missing, * folder/not-found, and whatever the container's reader refuses
 */
export async function openCheckpoint(folder: Folder, fileName?: string): Promise<Checkpoint> {
  return fileName === undefined ? openFolder(folder) : openFile(folder, fileName)
}

async function openFolder(folder: Folder): Promise<Checkpoint> {
  const config = folder.files.has('config.json') ? await readJsonObject(folder, 'config.json') : undefined
  for (const container of CONTAINERS as readonly Container[]) {
    const entry = container.find(folder, config)
    if (entry === undefined) continue
    if (!entry.endsWith('.json')) refusePlaceholder(await probe(folder, entry))
    const { companions: _, ...opened } = await container.open(folder, entry)
    const tensors = container.id === 'gguf' ? opened.tensors : await joined(folder, opened.tensors)
    return {
      name: folder.name,
      container: container.id,
      ...opened,
      tensors,
      ...(config === undefined ? {} : { config }),
      folder,
      close: () => tensors.close(),
    }
  }
  const models = [...folder.files.keys()].filter((name) => /^[^/]+\.(?:pt|pth|ckpt)$/.test(name))
  if (models.length > 1) {
    const files = models.slice(0, 5)
    throw fail('checkpoint/ambiguous', `${folder.name} holds several models (${files.join(', ')}); name one of them`, { files })
  }
  const some = [...folder.files.keys()].slice(0, 5)
  const seen = some.length === 0 ? 'it is empty' : `it has ${some.join(', ')}${folder.files.size > 5 ? ' …' : ''}`
  throw fail(
    'checkpoint/empty',
    `${folder.name} holds no model that can be read (${seen}); point at the folder or the file with the weights`,
    {
      files: some,
    },
  )
}

/** With the tensors of modules beside the model; a failure leaves nothing open. */
async function joined(folder: Folder, tensors: TensorSource): Promise<TensorSource> {
  try {
    return await withDenseModules(folder, tensors)
  } catch (error) {
    await tensors.close()
    throw error
  }
}

async function openFile(folder: Folder, fileName: string): Promise<Checkpoint> {
  const file = await probe(folder, fileName)
  refusePlaceholder(file)
  const container = (CONTAINERS as readonly Container[]).find((candidate) => candidate.detect(file))
  if (container === undefined) {
    const bytes = [...file.head.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const known = CONTAINERS.map(({ id }) => id).join(', ')
    const found = file.size === 0 ? 'is empty; fetch it again' : `starts with ${bytes}, which is none of ${known}`
    throw fail('checkpoint/unknown-container', `${fileName} ${found}`, { file: fileName })
  }
  const { companions, ...opened } = await container.open(folder, fileName)
  const stem = fileName.replace(/(?:-\d{5}-of-\d{5})?\.\w+$/, '')
  return { name: stem, container: container.id, ...opened, folder: companions ?? emptyFolder(stem), close: () => opened.tensors.close() }
}

async function probe(folder: Folder, fileName: string): Promise<FileProbe> {
  const source = await folder.open(fileName)
  try {
    return { head: await source.read(0, Math.min(HEAD_BYTES, source.size)), size: source.size, name: fileName }
  } finally {
    await source.close()
  }
}

/** What people most often have instead of a model: the pointer of a clone without Git LFS, or a saved login page. */
function refusePlaceholder({ head, name: file }: FileProbe): void {
  if (startsWith(head, 'version https://git-lfs.github.com/spec/')) {
    throw fail('checkpoint/git-lfs-pointer', `${file} is a Git LFS pointer, not the data; run "git lfs pull" or download the file`, {
      file,
    })
  }
  if (/^\s*<(?:!doctype html|html)/i.test(String.fromCharCode(...head.subarray(0, 64)))) {
    throw fail('checkpoint/web-page', `${file} is a web page, not the data; download the file itself`, { file })
  }
}
