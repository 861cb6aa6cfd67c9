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

/** What the reader of onnxruntime-genai knows, by name; it refuses a file that has anything else (src/config.cpp, July 2026). */
const KNOWN = {
  model: {
    type: 'string',
    vocab_size: 'integer',
    context_length: 'integer',
    pad_token_id: 'integer',
    eos_token_id: 'integers',
    bos_token_id: 'integer',
    decoder: {
      filename: 'string',
      hidden_size: 'integer',
      num_attention_heads: 'integer',
      num_hidden_layers: 'integer',
      num_key_value_heads: 'integer',
      head_size: 'integer',
      session_options: { log_id: 'string', provider_options: 'list' },
      inputs: { input_ids: 'string', attention_mask: 'string', past_key_names: 'string', past_value_names: 'string' },
      outputs: { logits: 'string', present_key_names: 'string', present_value_names: 'string' },
    },
  },
  search: {
    min_length: 'integer',
    max_length: 'integer',
    num_beams: 'integer',
    num_return_sequences: 'integer',
    top_k: 'integer',
    top_p: 'number',
    temperature: 'number',
    repetition_penalty: 'number',
    length_penalty: 'number',
    no_repeat_ngram_size: 'integer',
    diversity_penalty: 'number',
    do_sample: 'boolean',
    past_present_share_buffer: 'boolean',
    early_stopping: 'boolean',
  },
} as const

type Schema = string | { readonly [key: string]: Schema }

function expectKnown(value: unknown, schema: Schema | undefined, path: string): void {
  expect(schema, `${path} is unknown`).toBeDefined()
  if (typeof schema === 'object') {
    for (const [key, inner] of Object.entries(value as object)) expectKnown(inner, schema[key], `${path}.${key}`)
    return
  }
  const integers = Array.isArray(value) ? value : [value]
  if (schema === 'list') expect(value).toEqual([])
  else if (schema === 'integer') expect(value).toSatisfy(Number.isInteger)
  else if (schema === 'integers') expect(integers.every(Number.isInteger)).toBe(true)
  else expect(typeof value, path).toBe(schema)
}

test('onnxruntime-genai knows every key and takes every value, whatever the model’s settings hold', () => {
  const generation = {
    early_stopping: 'never',
    top_k: 1.5,
    num_beams: null,
    do_sample: 1,
    temperature: 0.7,
    top_p: [1],
    min_length: 3,
    other: 1,
  }
  const tokens = { begin: 1, end: [2, 3], pad: 0 }
  const config = genaiConfig({ spec, type: 'llama', fileName: 'model.onnx', cache: 'in-place', contextLength: 64, tokens, generation })
  expectKnown(config, KNOWN, 'genai_config')
  expect(config.search).toMatchObject({
    early_stopping: true,
    top_k: 50,
    num_beams: 1,
    do_sample: false,
    temperature: 0.7,
    top_p: 1,
    min_length: 3,
  })
})
