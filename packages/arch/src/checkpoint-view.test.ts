import type { MetadataValue } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { fullKey, ggufView, huggingFaceView } from './checkpoint-view.ts'

describe('config.json', () => {
  test('is asked for the first of several keys that is there and not null; dots reach into objects', () => {
    const view = huggingFaceView({ n_layer: null, num_hidden_layers: 12, attn_config: { alibi: true } }, new Map())
    expect(view.integer('n_layer', 'num_hidden_layers')).toBe(12)
    expect(view.boolean('attn_config.alibi')).toBe(true)
    expect(view.get('attn_config.clip_qkv', 'attn_config.alibi.deeper')).toBeUndefined()
  })

  test('of a multimodal model is read as its text model says, and as the root says where that is silent', () => {
    const view = huggingFaceView({ hidden_size: 1, vocab_size: 100, text_config: { hidden_size: 64 } }, new Map())
    expect([view.integer('hidden_size'), view.integer('vocab_size')]).toEqual([64, 100])
  })

  test('does not hand out what every object inherits', () => {
    const view = huggingFaceView(JSON.parse('{"a": {}}'), new Map())
    expect([view.get('constructor'), view.get('a.toString'), view.get('__proto__')]).toEqual([undefined, undefined, undefined])
  })

  test.each([
    ['integer', -1],
    ['integer', 1.5],
    ['integer', 2 ** 53],
    ['integer', '12'],
    ['number', 'NaN'],
    ['number', [1]],
    ['boolean', 1],
    ['string', {}],
  ] as const)('%s does not take %j', (kind, value) => {
    const view = huggingFaceView({ key: value }, new Map())
    expect(() => view[kind]('key')).toThrow(expect.objectContaining({ code: 'arch/config-invalid', details: { key: 'key' } }))
  })
})

describe('GGUF metadata', () => {
  const metadata = new Map<string, MetadataValue>([
    ['general.architecture', { type: 'STRING', value: 'llama' }],
    ['general.name', { type: 'STRING', value: 'Tiny' }],
    ['llama.block_count', { type: 'UINT64', value: 2n }],
    ['llama.attention.causal', { type: 'BOOL', value: false }],
  ])

  test('is asked without the architecture before each key', () => {
    const view = ggufView(metadata, new Map())
    expect([view.number('block_count'), view.boolean('attention.causal'), view.string('general.name')]).toEqual([2, false, 'Tiny'])
    expect([view.number('no'), view.boolean('no'), view.string('no'), view.values('no')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect(fullKey('block_count', 'llama')).toBe('llama.block_count')
    expect(fullKey('tokenizer.ggml.model', 'llama')).toBe('tokenizer.ggml.model')
  })

  test('of another type than asked for is refused with its key', () => {
    const view = ggufView(metadata, new Map())
    for (const ask of [
      () => view.number('attention.causal'),
      () => view.boolean('block_count'),
      () => view.string('block_count'),
      () => view.number('general.name'),
    ]) {
      expect(ask).toThrow(expect.objectContaining({ code: 'arch/config-invalid' }))
    }
  })

  test('without an architecture tells nobody what it holds', () => {
    expect(() => ggufView(new Map(), new Map())).toThrow(expect.objectContaining({ code: 'arch/config-missing' }))
  })
})
