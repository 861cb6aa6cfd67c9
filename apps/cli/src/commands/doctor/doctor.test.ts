// Each thing doctor knows, made wrong in a copy of the example; and repaired, where it can be, until nothing is found any more.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { MetadataValue } from '@fs/core'
import { layoutGguf, readGguf } from '@fs/formats/gguf'
import { fileSource } from '@fs/formats/node'
import { describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../test-support/terminal.test-support.ts'

const folder = useFolder()
const TEMPLATE = 'tokenizer.chat_template'
const string = (value: string): MetadataValue => ({ type: 'STRING', value })

/** The example as GGUF. The folder is new for each test; the conversion is not. */
let good: Uint8Array | undefined

/** The same, with other metadata. */
async function withMetadata(change: (metadata: Map<string, MetadataValue>) => void): Promise<void> {
  if (good === undefined) {
    await tell(folder.path, ['convert', EXAMPLE, '--quant', 'q8_0', '-o', 'good.gguf', '--quiet', '--no-verify'])
    good = readFileSync(folder.file('good.gguf'))
  } else writeFileSync(folder.file('good.gguf'), good)
  const source = await fileSource(folder.file('good.gguf'))
  const { metadata, tensors } = await readGguf(source)
  const changed = new Map(metadata)
  change(changed)
  const stored = [...tensors.tensors.values()]
  const layout = layoutGguf({ metadata: changed, tensors: stored.map(({ name, type, shape }) => ({ name, type: type as 'F32', shape })) })
  const bytes = new Uint8Array(layout.size)
  bytes.set(layout.header)
  for (const { name, offset } of layout.tensors) {
    const tensor = tensors.tensors.get(name)!
    bytes.set(await source.read(tensor.offset, tensor.byteLength), offset)
  }
  await source.close()
  writeFileSync(folder.file('model.gguf'), bytes)
}

const doctor = async (...more: string[]) => {
  const { code, out } = await tell(folder.path, ['doctor', 'model.gguf', '--json', ...more])
  const { findings } = JSON.parse(out) as { readonly findings: readonly { readonly code: string; readonly repaired: boolean }[] }
  return { code, found: findings.map((finding) => finding.code), repaired: findings.filter(({ repaired }) => repaired).length }
}

test('a file that is right has nothing wrong, alone and beside its source', async () => {
  await withMetadata((metadata) => metadata.set(TEMPLATE, string('{{ messages[0].content }}<|eot_id|>')))
  expect(await doctor()).toEqual({ code: 0, found: [], repaired: 0 })
  // The example was trained on plain text and has a template of another family's: a property of the model, not of the file.
  await withMetadata(() => undefined)
  expect(await doctor()).toEqual({ code: 3, found: ['template-foreign'], repaired: 0 })
  expect(await doctor('--source', EXAMPLE)).toEqual({ code: 0, found: [], repaired: 0 })
})

describe('what can be put right from the source', () => {
  test.each([
    [
      'no-tokenizer',
      (metadata: Map<string, MetadataValue>) =>
        void [...metadata.keys()].filter((key) => key.startsWith('tokenizer.')).map((key) => metadata.delete(key)),
    ],
    ['no-pre-tokenizer', (metadata: Map<string, MetadataValue>) => void metadata.delete('tokenizer.ggml.pre')],
    ['tokenizer-unreadable', (metadata: Map<string, MetadataValue>) => void metadata.set('tokenizer.ggml.pre', string('my-own'))],
    ['tokenizer-differs', (metadata: Map<string, MetadataValue>) => void metadata.set('tokenizer.ggml.pre', string('default'))],
    ['no-template', (metadata: Map<string, MetadataValue>) => void metadata.delete(TEMPLATE)],
    ['template-broken', (metadata: Map<string, MetadataValue>) => void metadata.set(TEMPLATE, string('{% for %}'))],
    ['template-differs', (metadata: Map<string, MetadataValue>) => void metadata.set(TEMPLATE, string('{{ messages[0].content }}'))],
  ])('%s', async (code, change) => {
    await withMetadata(change)
    const told = await doctor('--source', EXAMPLE)
    expect(told.code).toBe(3)
    expect(told.found).toContain(code)
    expect((await doctor('--source', EXAMPLE, '--repair')).repaired).toBeGreaterThan(0)
    expect(await doctor('--source', EXAMPLE)).toEqual({ code: 0, found: [], repaired: 0 })
    expect(readdirSync(folder.path).sort()).toEqual(['good.gguf', 'model.gguf'])
    // The weights are what they were.
    expect(await tell(folder.path, ['verify', 'model.gguf', '--reference', 'good.gguf', '--weights', '--prompt', 'To be'])).toMatchObject({
      code: 0,
    })
  })
})

describe('what is seen in the file alone', () => {
  test('a template that begins as the tokenizer does already', async () => {
    await withMetadata((metadata) => {
      metadata.set('tokenizer.ggml.add_bos_token', { type: 'BOOL', value: true })
      metadata.set(TEMPLATE, string(`{{ bos_token }}{% for message in messages %}{{ message.content }}{% endfor %}`))
    })
    expect((await doctor()).found).toContain('doubled-beginning')
    await doctor('--repair')
    expect((await doctor()).found).not.toContain('doubled-beginning')
  })

  test('a template of another model', async () => {
    await withMetadata((metadata) => metadata.set(TEMPLATE, string('<start_of_turn>{{ messages[0].content }}')))
    expect(await doctor()).toMatchObject({ code: 3, found: ['template-foreign'] })
  })

  test('a special token beyond the vocabulary', async () => {
    await withMetadata((metadata) => metadata.set('tokenizer.ggml.padding_token_id', { type: 'UINT32', value: 5000 }))
    expect((await doctor()).found).toContain('special-token')
  })

  test('fewer tokens than the embedding has rows', async () => {
    await withMetadata((metadata) => {
      for (const key of ['tokens', 'token_type', 'scores']) {
        const list = metadata.get(`tokenizer.ggml.${key}`)
        if (list?.type === 'ARRAY')
          metadata.set(`tokenizer.ggml.${key}`, { ...list, value: Array.from<unknown>(list.value).slice(0, -1) } as MetadataValue)
      }
    })
    expect((await doctor()).found).toContain('vocabulary-size')
  })
})

test('a repair leaves the weights as they were', async () => {
  await withMetadata((metadata) => metadata.delete(TEMPLATE))
  await doctor('--source', EXAMPLE, '--repair')
  const said = await tell(folder.path, [
    'verify',
    'model.gguf',
    '--reference',
    'good.gguf',
    '--weights',
    '--prompt',
    'To be',
    '--max-nmse',
    '0',
  ])
  expect(said).toMatchObject({ code: 0, out: expect.stringContaining('perfect') })
})

test('only GGUF files have these troubles', async () => {
  expect(await tell(folder.path, ['doctor', EXAMPLE])).toMatchObject({ code: 2, err: expect.stringContaining('no GGUF file') })
})
