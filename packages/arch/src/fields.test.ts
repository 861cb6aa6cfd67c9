import type { JsonObject, MetadataValue } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ggufView, huggingFaceView } from './checkpoint-view.ts'
import { activationNamed, vocabularySize } from './common-fields.ts'
import { boolean, configFromGguf, configFromHuggingFace, constantGguf, float, integer, observed, shortestDecimal, text } from './fields.ts'

const config = (json: JsonObject, tensors: ReadonlyMap<string, readonly number[]> = new Map()) => huggingFaceView(json, tensors)
const gguf = (entries: { readonly [key: string]: MetadataValue }, tensors: ReadonlyMap<string, readonly number[]> = new Map()) =>
  ggufView(
    new Map([
      ['general.architecture', { type: 'STRING', value: 'demo' } as const],
      ...Object.entries(entries).map(([key, value]) => [`demo.${key}`, value] as const),
    ]),
    tensors,
  )

const layers = integer({ huggingFace: ['num_hidden_layers', 'n_layer'], gguf: 'block_count' })

describe('one field', () => {
  test('is read under any of its names, and written under the first', () => {
    expect([layers.fromHuggingFace(config({ n_layer: 2 })), layers.fromGguf(gguf({ block_count: { type: 'UINT32', value: 2 } }))]).toEqual([
      2, 2,
    ])
    expect(layers.toHuggingFace(2)).toEqual({ num_hidden_layers: 2 })
    expect(layers.toGguf(2)).toEqual([['block_count', { type: 'UINT32', value: 2 }]])
  })

  test('a key with dots is written as objects', () => {
    expect(boolean({ huggingFace: 'attn_config.alibi' }).toHuggingFace(true)).toEqual({ attn_config: { alibi: true } })
  })

  test('without a default stops where it is absent, naming every spelling', () => {
    expect(() => layers.fromHuggingFace(config({}))).toThrow(
      expect.objectContaining({ code: 'arch/config-missing', message: expect.stringContaining('num_hidden_layers or n_layer') }),
    )
    expect(() => layers.fromGguf(gguf({}))).toThrow(
      expect.objectContaining({ code: 'arch/config-missing', message: expect.stringContaining('demo.block_count') }),
    )
  })

  test('with a default takes that, which may follow from other values', () => {
    const heads = integer({
      huggingFace: 'num_key_value_heads',
      gguf: 'attention.head_count_kv',
      missing: (view) => view.integer('num_attention_heads') ?? 0,
      missingGguf: (view) => view.number('attention.head_count') ?? 0,
    })
    expect(heads.fromHuggingFace(config({ num_attention_heads: 8 }))).toBe(8)
    expect(heads.fromGguf(gguf({ 'attention.head_count': { type: 'UINT32', value: 8 } }))).toBe(8)
  })

  test('that GGUF has no key for is taken from its default there', () => {
    const activation = text({ huggingFace: 'hidden_act', missing: 'silu' })
    expect(activation.fromGguf(gguf({}))).toBe('silu')
    expect(activation.toGguf('gelu')).toEqual([])
  })

  test('may go to several GGUF keys, or to none for some values', () => {
    const size = integer({ huggingFace: 'head_dim', gguf: 'attention.key_length', alsoGguf: ['attention.value_length'] })
    expect(size.toGguf(64).map(([key]) => key)).toEqual(['attention.key_length', 'attention.value_length'])
    const window = integer({ huggingFace: 'sliding_window', gguf: 'attention.sliding_window', omitGguf: (value) => value === 0 })
    expect(window.toGguf(0)).toEqual([])
  })
})

describe('a float', () => {
  const epsilon = float({ huggingFace: 'rms_norm_eps', gguf: 'epsilon' })

  test('is single in GGUF, and comes back as the decimal a person wrote', () => {
    const [[, stored] = []] = epsilon.toGguf(1e-5)
    expect(stored).toEqual({ type: 'FLOAT32', value: Math.fround(1e-5) })
    expect(epsilon.fromGguf(gguf({ epsilon: stored! }))).toBe(1e-5)
  })

  test('says which keys of config.json Python wants as floats', () => {
    expect(float({ huggingFace: ['logit_scale', 'a.b'] }).floatKeys).toEqual(['logit_scale', 'b'])
  })

  test('shortestDecimal names the same single with at most nine digits', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (single) => {
        const decimal = shortestDecimal(single)
        expect(Math.fround(decimal)).toBe(single)
        expect(shortestDecimal(decimal)).toBe(decimal)
      }),
    )
  })
})

describe('what no key says', () => {
  test('is seen in the tensors', () => {
    const untied = observed({
      fromHuggingFace: (view) => view.tensors.has('lm_head.weight'),
      fromGguf: (view) => view.tensors.has('output.weight'),
    })
    expect(untied.fromHuggingFace(config({}, new Map([['lm_head.weight', [4, 2]]])))).toBe(true)
    expect(untied.fromGguf(gguf({}))).toBe(false)
    expect([untied.toHuggingFace(true), untied.toGguf(true)]).toEqual([{}, []])
  })

  test('the vocabulary is as large as the embedding has rows, which must be there', () => {
    expect(vocabularySize().fromHuggingFace(config({ vocab_size: 5 }, new Map([['model.embed_tokens.weight', [7, 2]]])))).toBe(7)
    expect(() => vocabularySize().fromGguf(gguf({}))).toThrow(
      expect.objectContaining({ code: 'arch/tensor-missing', details: { tensor: 'token_embd.weight' } }),
    )
  })

  test('a constant stands at its place in the order', () => {
    const value = { type: 'UINT32', value: 0 } as const
    expect(constantGguf('general.file_type', value).toGguf(null)).toEqual([['general.file_type', value]])
  })
})

test('a table reads both worlds to one configuration', () => {
  const table = { layers, causal: boolean({ huggingFace: 'causal', gguf: 'attention.causal', missing: true }) }
  const expected = { layers: 2, causal: false }
  expect(configFromHuggingFace(table, config({ n_layer: 2, causal: false }))).toEqual(expected)
  const metadata = Object.fromEntries([...table.layers.toGguf(2), ...table.causal.toGguf(false)])
  expect(configFromGguf(table, gguf(metadata))).toEqual(expected)
})

test('an activation nobody has a word for is refused, and so is a name every object has', () => {
  expect(activationNamed('gelu_new')).toBe('gelu-tanh')
  for (const name of ['snake', 'toString']) {
    expect(() => activationNamed(name)).toThrow(expect.objectContaining({ code: 'arch/config-invalid' }))
  }
})
