// Files and folders on a real disk, with the links the Hugging Face cache is made of.
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { layoutSafetensors } from '../safetensors/layout.ts'
import { noShared, shared } from '../test-support/shared.test-support.ts'
import { fileSource } from './file-source.ts'
import { nodeFolder } from './node-folder.ts'
import { openPath } from './open-path.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'formats-'))
})
afterEach(() => rm(root, { recursive: true }))

test('a snapshot of the Hugging Face cache: links to blobs are files, the name is the repository', async () => {
  const repository = join(root, 'models--org--tiny-llama')
  const snapshot = join(repository, 'snapshots', 'a'.repeat(40))
  await mkdir(join(snapshot, '1_Pooling'), { recursive: true })
  await mkdir(join(repository, 'blobs'))
  await writeFile(join(repository, 'blobs', 'b1'), layoutSafetensors({ tensors: [] }).header)
  await symlink('../../blobs/b1', join(snapshot, 'model.safetensors'))
  await writeFile(join(snapshot, '1_Pooling', 'config.json'), '{}')
  const folder = await nodeFolder(snapshot)
  expect(folder.name).toBe('tiny-llama')
  expect([...folder.files.keys()]).toEqual(['1_Pooling/config.json', 'model.safetensors'])
  const checkpoint = await openPath(snapshot)
  expect(checkpoint.container).toBe('safetensors')
  await checkpoint.close()
})

test('hidden folders, links to folders and broken links are left out', async () => {
  await mkdir(join(root, '.git'))
  await writeFile(join(root, '.git', 'config'), '')
  await symlink('..', join(root, 'up'))
  await symlink('gone', join(root, 'broken'))
  await writeFile(join(root, 'a'), 'x')
  const folder = await nodeFolder(root)
  expect([...folder.files]).toEqual([['a', { size: 1 }]])
  await expect(folder.open('../a')).rejects.toMatchObject({ code: 'folder/not-found' })
})

test('folders without end are refused', async () => {
  await mkdir(join(root, '1/2/3/4/5/6/7/8/9'), { recursive: true })
  await expect(nodeFolder(root)).rejects.toMatchObject({ code: 'folder/too-large' })
})

test('what is not there, and what is no file', async () => {
  await expect(openPath(join(root, 'gone'))).rejects.toMatchObject({ code: 'bytes/not-found' })
  await expect(nodeFolder(join(root, 'gone'))).rejects.toMatchObject({ code: 'bytes/not-found' })
  await expect(fileSource(join(root, 'gone'))).rejects.toMatchObject({ code: 'bytes/not-found' })
  await expect(fileSource(root)).rejects.toMatchObject({ code: 'bytes/not-a-file' })
  await expect(openPath('/dev/null')).rejects.toMatchObject({ code: 'bytes/not-a-file' })
})

test.skipIf(process.getuid?.() === 0)(
  'a folder that may not be read is named; one inside another is left out (not as root, who may read all)',
  async () => {
    await mkdir(join(root, 'closed/inner'), { recursive: true, mode: 0o700 })
    await writeFile(join(root, 'closed/a'), 'a')
    await chmod(join(root, 'closed/inner'), 0)
    expect([...(await nodeFolder(join(root, 'closed'))).files.keys()]).toEqual(['a'])
    await chmod(join(root, 'closed'), 0)
    await expect(nodeFolder(join(root, 'closed'))).rejects.toMatchObject({
      code: 'bytes/not-found',
      message: expect.stringContaining('EACCES'),
    })
    await chmod(join(root, 'closed'), 0o700)
  },
)

test('a file that shrinks while it is open gives an error, never zeros', async () => {
  await writeFile(join(root, 'a'), new Uint8Array(100))
  const source = await fileSource(join(root, 'a'))
  await truncate(join(root, 'a'), 50)
  await expect(source.read(40, 20)).rejects.toMatchObject({ code: 'bytes/short-read' })
  await source.close()
})

test.skipIf(noShared)('real models open (needs ../shared)', async () => {
  const open = async (path: string) => {
    const { name, container, tensors, config, close } = await openPath(shared(path))
    await close()
    return [name, container, tensors.tensors.size, tensors.files.length, config?.model_type]
  }
  expect(await open('fixtures/models/llama-2')).toEqual(['llama-2', 'safetensors', 21, 5, 'llama'])
  expect(await open('realdata/stories260k-hf')).toEqual(['stories260k-hf', 'safetensors', 47, 1, 'llama'])
  expect(await open('realdata/stories260k-gguf/stories260K.gguf')).toEqual(['stories260K', 'gguf', 48, 1, undefined])
})
