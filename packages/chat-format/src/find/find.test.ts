import type { Folder } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { chooseTemplate, findTemplatesInFolder, findTemplatesInMetadata, templateMetadata } from './index.ts'

/** A folder of files given by their text or bytes. */
function folderOf(contents: { readonly [name: string]: string | Uint8Array }): Folder {
  const files = new Map(
    Object.entries(contents).map(([name, content]) => [name, typeof content === 'string' ? new TextEncoder().encode(content) : content]),
  )
  return {
    name: 'model',
    files: new Map([...files].map(([name, bytes]) => [name, { size: bytes.length }])),
    open: async (name) => {
      const bytes = files.get(name)!
      return {
        name,
        location: { kind: 'memory' },
        size: bytes.length,
        read: async (offset, length) => bytes.subarray(offset, offset + length),
        close: async () => {},
      }
    },
  }
}

const config = (chat_template: unknown) => JSON.stringify({ bos_token: '<s>', chat_template })

describe('in a folder', () => {
  test('a template file outranks the configuration, and the report says what it contradicts', async () => {
    const report = await findTemplatesInFolder(
      folderOf({
        'chat_template.jinja': 'new',
        'tokenizer_config.json': config('old'),
        'chat_template.json': config('new'),
        'model.safetensors': '',
      }),
    )
    expect(chooseTemplate(report)).toEqual({ name: 'default', source: 'new', place: 'chat_template.jinja' })
    expect(report.places.map((place) => place.place)).toEqual(['chat_template.jinja', 'tokenizer_config.json', 'chat_template.json'])
    expect(report.contradicted).toEqual(['tokenizer_config.json'])
  })

  test('further template files carry names; a lone one hides the configuration too, as in transformers', async () => {
    const files = {
      'additional_chat_templates/rag.jinja': 'R',
      'additional_chat_templates/deep/no.jinja': 'N',
      'additional_chat_templates/readme.md': '',
    }
    const both = await findTemplatesInFolder(folderOf({ ...files, 'chat_template.jinja': 'D' }))
    expect([...both.templates].map(([name, { source }]) => [name, source])).toEqual([
      ['default', 'D'],
      ['rag', 'R'],
    ])
    const lone = await findTemplatesInFolder(folderOf({ ...files, 'tokenizer_config.json': config('C') }))
    expect(chooseTemplate(lone, { name: 'rag' }).source).toBe('R')
    expect(() => chooseTemplate(lone)).toThrow(
      expect.objectContaining({ code: 'chat-format/template-missing', details: { names: ['rag'] } }),
    )
  })

  test('a named list gives tools their own template', async () => {
    const list = [
      { name: 'default', template: 'D' },
      { name: 'tool_use', template: 'T' },
    ]
    const report = await findTemplatesInFolder(folderOf({ 'tokenizer_config.json': config(list) }))
    expect(chooseTemplate(report).source).toBe('D')
    expect(chooseTemplate(report, { tools: true })).toEqual({
      name: 'tool_use',
      source: 'T',
      place: 'tokenizer_config.json, template "tool_use"',
    })
    expect(chooseTemplate(report, { name: 'default', tools: true }).source).toBe('D')
  })

  test.each(['chat_template.json', 'processor_config.json'])('%s counts when nothing else is there', async (file) => {
    expect(
      chooseTemplate(await findTemplatesInFolder(folderOf({ [file]: config('P'), 'tokenizer_config.json': config(null) }))).source,
    ).toBe('P')
  })

  test('no template is an empty report, and choosing from it is an error that says what to do', async () => {
    const report = await findTemplatesInFolder(folderOf({ 'tokenizer_config.json': config(undefined) }))
    expect(report).toEqual({ templates: new Map(), places: [], contradicted: [] })
    expect(() => chooseTemplate(report)).toThrow(/preset/)
  })

  const MALFORMED: readonly (readonly [what: string, file: string, content: string | Uint8Array])[] = [
    ['a configuration that is no JSON', 'tokenizer_config.json', '{'],
    ['a configuration that is no object', 'tokenizer_config.json', '[]'],
    ['a list entry without a template', 'tokenizer_config.json', config([{ name: 'default' }])],
    ['a list of null', 'tokenizer_config.json', config([null])],
    ['a template that is a number', 'chat_template.json', config({ default: 1 })],
    ['a template that is no UTF-8', 'chat_template.jinja', new Uint8Array([0xff, 0xfe, 0x41])],
    ['a template of a megabyte', 'chat_template.jinja', 'x'.repeat(1 << 20)],
  ]
  test.each(MALFORMED)('%s is refused with its file name', async (_what, file, content) => {
    await expect(findTemplatesInFolder(folderOf({ [file]: content }))).rejects.toMatchObject({
      code: 'chat-format/template-file',
      message: expect.stringContaining(file),
    })
  })
})

describe('in GGUF metadata', () => {
  test('names follow the key, and writing gives back what was read', () => {
    const metadata = new Map([
      ['general.name', { type: 'STRING', value: 'x' }],
      ['tokenizer.chat_template.tool_use', { type: 'STRING', value: 'T' }],
      ['tokenizer.chat_templates', { type: 'ARRAY', of: 'STRING', value: ['tool_use'] }],
      ['tokenizer.chat_template', { type: 'STRING', value: 'D' }],
    ] as const)
    const report = findTemplatesInMetadata(metadata)
    expect(chooseTemplate(report, { tools: true })).toEqual({ name: 'tool_use', source: 'T', place: 'tokenizer.chat_template.tool_use' })
    expect([...templateMetadata(report)]).toEqual([...metadata].slice(1))
  })

  test('a name loses what GGUF keys may not hold', async () => {
    const report = await findTemplatesInFolder(folderOf({ 'additional_chat_templates/my rag.v2.jinja': 'R' }))
    expect([...templateMetadata(report).keys()]).toEqual(['tokenizer.chat_template.my_rag_v2', 'tokenizer.chat_templates'])
  })

  test('a template that is no string is refused', () => {
    const metadata = new Map([['tokenizer.chat_template', { type: 'UINT32', value: 1 }]] as const)
    expect(() => findTemplatesInMetadata(metadata)).toThrow(expect.objectContaining({ code: 'chat-format/template-file' }))
  })
})
