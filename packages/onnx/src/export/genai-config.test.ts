// The configuration onnxruntime-genai reads, for a model with nothing unusual.
import type { DecoderSpec } from '@fs/arch'
import { expect, test } from 'vitest'
import { genaiConfig } from './genai-config.ts'

const spec: DecoderSpec = {
  kind: 'decoder',
  vocabularySize: 1024,
  hiddenSize: 256,
  contextLength: 512,
  embedding: { scale: null, positions: null, tokenTypes: null, norm: null },
  layers: [
    {
      kind: 'sequential',
      attentionNorm: null,
      attentionPostNorm: null,
      feedForwardNorm: null,
      feedForwardPostNorm: null,
      attention: {
        kind: 'attention',
        heads: 4,
        keyValueHeads: 2,
        headDimension: 64,
        scale: 0.125,
        causal: true,
        window: null,
        softCap: null,
        clamp: null,
        bias: { query: false, key: false, value: false, output: false },
        queryKeyNorm: null,
        position: { kind: 'none' },
      },
      feedForward: { kind: 'mlp', width: 512, activation: 'gelu', bias: false },
    },
  ],
  outputNorm: null,
  head: { kind: 'tied', bias: false, softCap: null },
}

test('sizes come from the description, sampling from the model’s own settings', () => {
  const config = genaiConfig({
    spec,
    type: 'llama',
    fileName: 'onnx/model.onnx',
    cache: 'in-place',
    contextLength: 512,
    tokens: { begin: 1019, end: [1023, 1021], pad: null },
    generation: { temperature: 0.6, top_p: 0.9, do_sample: true, transformers_version: '5.0', top_k: null },
  })
  expect(config).toMatchObject({
    model: {
      bos_token_id: 1019,
      context_length: 512,
      decoder: {
        filename: 'onnx/model.onnx',
        head_size: 64,
        hidden_size: 256,
        num_attention_heads: 4,
        num_hidden_layers: 1,
        num_key_value_heads: 2,
      },
      eos_token_id: [1023, 1021],
      pad_token_id: 1023,
      type: 'llama',
      vocab_size: 1024,
    },
    search: { max_length: 512, do_sample: true, temperature: 0.6, top_p: 0.9, top_k: 50, past_present_share_buffer: true },
  })
  expect(config.search).not.toHaveProperty('transformers_version')
})

test('one end of sequence is a number', () => {
  const tokens = { begin: null, end: [2], pad: 0 }
  const config = genaiConfig({ spec, type: 'llama', fileName: 'model.onnx', cache: 'returned', contextLength: 64, tokens, generation: {} })
  expect(config.model).toMatchObject({ bos_token_id: 1, eos_token_id: 2, pad_token_id: 0 })
  expect(config.search).toMatchObject({ past_present_share_buffer: false })
})
