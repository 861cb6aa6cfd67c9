import type { MetadataValue } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { ggufView, huggingFaceView } from './checkpoint-view.ts'
import { example, exampleConfig, exampleTensors } from './example-arch.test-support.ts'

const description = example.fromHuggingFace(huggingFaceView(exampleConfig, exampleTensors()))

describe('a description', () => {
  test('says the same whether it was read from config.json, from GGUF or from itself', () => {
    const tensors = new Map([['token_embd.weight', [7, 8]]])
    const metadata = new Map<string, MetadataValue>([
      ['general.architecture', { type: 'STRING', value: 'llama' }],
      ...description.ggufMetadata,
    ])
    const fromGguf = example.fromGguf(ggufView(metadata, tensors))
    expect(fromGguf.config).toEqual(description.config)
    expect(fromGguf.spec).toEqual(description.spec)
    expect(example.fromConfig(JSON.parse(JSON.stringify(description.config)))).toEqual(description)
  })

  test('writes GGUF keys in the order of the fields, with the architecture before them', () => {
    expect(description.ggufMetadata.map(([key]) => key)).toEqual([
      'llama.block_count',
      'llama.context_length',
      'llama.embedding_length',
      'llama.feed_forward_length',
      'llama.attention.head_count',
      'llama.attention.layer_norm_rms_epsilon',
    ])
  })

  test('writes a config.json that reads as what it was', () => {
    expect(description.huggingFaceConfig).toMatchObject({ architectures: ['ExampleForCausalLM'], tie_word_embeddings: true, vocab_size: 7 })
    const again = example.fromHuggingFace(huggingFaceView(description.huggingFaceConfig, exampleTensors()))
    expect(again.config).toEqual(description.config)
    expect([...description.floatKeys]).toEqual(['rms_norm_eps'])
  })

  test('of an incomplete or impossible configuration is refused', () => {
    const { heads: _, ...headless } = description.config
    expect(() => example.fromConfig(headless)).toThrow(expect.objectContaining({ code: 'arch/config-missing', details: { key: 'heads' } }))
    for (const wrong of [{ activation: 'snake' }, { layers: 2 ** 40 }]) {
      expect(() => example.fromConfig({ ...description.config, ...wrong })).toThrow(
        expect.objectContaining({ code: 'arch/config-invalid' }),
      )
    }
  })
})

describe('a number no model has', () => {
  const huge = 4_000_000_000
  const code = expect.objectContaining({ code: 'arch/config-invalid', details: { key: 'num_hidden_layers', value: huge } })

  test('is refused before so many layers are made, wherever it stands', () => {
    expect(() => example.fromHuggingFace(huggingFaceView({ ...exampleConfig, num_hidden_layers: huge }, exampleTensors()))).toThrow(code)
    const metadata = new Map<string, MetadataValue>([
      ['general.architecture', { type: 'STRING', value: 'llama' }],
      ...description.ggufMetadata,
      ['llama.block_count', { type: 'UINT32', value: huge }],
    ])
    expect(() => example.fromGguf(ggufView(metadata, new Map([['token_embd.weight', [7, 8]]])))).toThrow(code)
    expect(() => example.fromConfig({ ...description.config, layers: huge })).toThrow(code)
  })

  test.each([-1, 1.5, Number.NaN, 'two', null])('nor is %s one of layers', (layers) => {
    expect(() => example.fromConfig({ ...description.config, layers })).toThrow(expect.objectContaining({ code: 'arch/config-invalid' }))
  })
})

describe('standard names', () => {
  const names = (...stored: readonly string[]) => Object.fromEntries(example.standardNames(stored))

  test('bring other spellings to one, and keep how the file spells them', () => {
    expect(names('layers.0.mlp.up_proj.weight')).toEqual({ 'model.layers.0.mlp.up_proj.weight': 'layers.0.mlp.up_proj.weight' })
  })

  test('leave out what holds nothing learned', () => {
    expect(names('rope.freqs', 'model.layers.0.self_attn.rotary_emb.inv_freq', 'transformer.h.0.attention.masked_bias')).toEqual({})
  })

  test('leave out the parts for another task, which the description says', () => {
    expect(names('vision.embed.weight')).toEqual({})
    const { notices } = example.fromHuggingFace(
      huggingFaceView(exampleConfig, new Map([...exampleTensors(), ['vision.embed.weight', [2, 2]]])),
    )
    expect(notices).toEqual([{ code: 'arch/left-out', message: 'vision.embed.weight left out: the image encoder' }])
    expect(description.notices).toEqual([])
  })

  test('take a shared matrix that was saved as the head for the embedding it is', () => {
    expect(names('lm_head.weight')).toEqual({ 'model.embed_tokens.weight': 'lm_head.weight' })
    expect(names('lm_head.weight', 'model.embed_tokens.weight')).toHaveProperty(['lm_head.weight'], 'lm_head.weight')
  })

  test('are refused where two tensors claim one', () => {
    expect(() => names('layers.0.x', 'model.layers.0.x')).toThrow(
      expect.objectContaining({ code: 'arch/config-conflict', details: { tensor: 'model.layers.0.x' } }),
    )
  })
})
