import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { layoutSafetensors } from '@fs/formats/safetensors'
import { expect, test } from 'vitest'
import { openLocal } from './open-local.ts'
import { EXAMPLE, tell, useFolder } from './test-support/terminal.test-support.ts'

const folder = useFolder()

async function opened(path: string) {
  const { name, container, config, tensors, folder: files, close } = await openLocal(path)
  await close()
  return { name, container, hasConfig: config !== undefined, tensors: tensors.tensors.size, files: [...files.files.keys()] }
}

test('a weights file brings the configuration and tokenizer beside it', async () => {
  expect(await opened(join(EXAMPLE, 'model.safetensors'))).toMatchObject({
    name: 'shakespeare-llama',
    container: 'safetensors',
    hasConfig: true,
    files: expect.arrayContaining(['tokenizer.json', 'chat_template.jinja']),
  })
})

test('one of several fine-tunes in a folder is that one, under its own name', async () => {
  cpSync(EXAMPLE, folder.file('tunes'), { recursive: true })
  renameSync(folder.file('tunes/model.safetensors'), folder.file('tunes/bard-v1.safetensors'))
  cpSync(folder.file('tunes/bard-v1.safetensors'), folder.file('tunes/bard-v2.safetensors'))
  expect(await opened(folder.file('tunes/bard-v2.safetensors'))).toMatchObject({ name: 'bard-v2', hasConfig: true, tensors: 20 })
  expect((await opened(folder.file('tunes/bard-v2.safetensors'))).files).not.toContain('bard-v1.safetensors')
})

test('one shard, or the index, is the whole model', async () => {
  mkdirSync(folder.file('shards'))
  cpSync(join(EXAMPLE, 'config.json'), folder.file('shards/config.json'))
  const shard = (number: number) => `model-0000${number}-of-00002.safetensors`
  for (const number of [1, 2]) {
    const { header, size } = layoutSafetensors({ tensors: [{ name: `t${number}`, dtype: 'F32', shape: [1] }] })
    writeFileSync(folder.file(`shards/${shard(number)}`), Buffer.concat([header, Buffer.alloc(size - header.length)]))
  }
  const index = { weight_map: { t1: shard(1), t2: shard(2) } }
  writeFileSync(folder.file('shards/model.safetensors.index.json'), JSON.stringify(index))
  for (const name of [shard(2), 'model.safetensors.index.json'])
    expect(await opened(folder.file(`shards/${name}`))).toMatchObject({ name: 'shards', tensors: 2, hasConfig: true })
})

test('alone, it is opened alone', async () => {
  cpSync(join(EXAMPLE, 'model.safetensors'), folder.file('model.safetensors'))
  expect(await opened(folder.file('model.safetensors'))).toMatchObject({ hasConfig: false, tensors: 20, files: [] })
})

test('from the command line: the file, the folder, and the folder with its slash give the same bytes', async () => {
  const made: Buffer[] = []
  for (const model of [EXAMPLE, `${EXAMPLE}/`, join(EXAMPLE, 'model.safetensors')]) {
    expect(await tell(folder.path, ['convert', model, '--quant', 'q4_0', '--force'])).toMatchObject({ code: 0 })
    made.push(readFileSync(folder.file('shakespeare-llama-Q4_0.gguf')))
  }
  expect(made[1]!.equals(made[0]!) && made[2]!.equals(made[0]!)).toBe(true)
})

test('a folder with one GGUF file is that model', async () => {
  mkdirSync(folder.file('published'))
  await tell(folder.path, ['convert', EXAMPLE, '--vocab-only', '-o', 'published/model-F16.gguf'])
  writeFileSync(folder.file('published/README.md'), '# Model')
  expect(await opened(folder.file('published'))).toMatchObject({ name: 'published', container: 'gguf' })
  cpSync(folder.file('published/model-F16.gguf'), folder.file('published/model-Q8_0.gguf'))
  expect(await tell(folder.path, ['inspect', 'published'])).toMatchObject({ code: 1, err: expect.stringContaining('name one of them') })
})
