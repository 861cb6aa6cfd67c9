// A LiteRT-LM bundle of a small description and made-up weights, with a tokenizer in which every id is the text `<id>`. Works in browsers.
import type { DecoderSpec } from '@fs/arch'
import { layoutContainer } from '@fs/litertlm/container'
import { planTflite, writeTflite } from '@fs/litertlm/graph'
import { writeMetadata } from '@fs/litertlm/metadata'
import { packTokenizerJson } from '@fs/litertlm/tokenizer'
import { type NamedWeights, weightReader } from './random-weights.test-support.ts'
import { referenceLogits } from './reference-model.test-support.ts'

export const asText = (ids: readonly number[]): string => ids.map((id) => `<${id}>`).join('')

/** A template that writes each message's text and nothing else. */
const TEMPLATE = '{% for message in messages %}{% for part in message.content %}{{ part.text }}{% endfor %}{% endfor %}'

/** @param stopToken ends an answer */
export async function smallBundle(spec: DecoderSpec, weights: NamedWeights, stopToken: number): Promise<Blob> {
  const plan = planTflite(spec, { quantization: 'none', cacheLength: spec.contextLength, prefillLengths: [4, 16], weights: 'outside' })
  const metadata = writeMetadata({
    stopTokens: [{ ids: [stopToken] }],
    sampler: { type: 'top-p', k: 1, p: 1, temperature: 1, seed: 0 },
    maxTokens: spec.contextLength,
    modelType: 'generic',
    jinjaTemplate: TEMPLATE,
    channels: [],
  })
  const tokenizer = await packTokenizerJson(new TextEncoder().encode(numberTokenizer(spec.vocabularySize)))
  const { header, sections, size } = layoutContainer(new Map(), [
    { type: 'llm-metadata', size: metadata.length },
    { type: 'huggingface-tokenizer', size: tokenizer.length },
    { type: 'tflite-model', size: plan.byteLength, items: new Map([['model_type', 'tf_lite_prefill_decode']]) },
  ])
  const bytes = new Uint8Array(size)
  bytes.set(header)
  bytes.set(metadata, sections[0]!.offset)
  bytes.set(tokenizer, sections[1]!.offset)
  await writeTflite(plan, weightReader(weights), async (offset, part) => bytes.set(part, sections[2]!.offset + offset))
  return new Blob([bytes])
}

/** The likeliest continuation in double precision, as text. */
export function greedyText(spec: DecoderSpec, weights: NamedWeights, prompt: readonly number[], count: number): string {
  const tokens = [...prompt]
  for (let step = 0; step < count; step++) {
    const row = referenceLogits(spec, weights, tokens).slice(-spec.vocabularySize)
    tokens.push(row.indexOf(row.reduce((most, value) => Math.max(most, value))))
  }
  return asText(tokens.slice(prompt.length))
}

function numberTokenizer(size: number): string {
  return JSON.stringify({
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Split', pattern: { Regex: '<\\d+>' }, behavior: 'Isolated', invert: false },
    post_processor: null,
    decoder: { type: 'Fuse' },
    model: { type: 'WordLevel', vocab: Object.fromEntries(Array.from({ length: size }, (_, id) => [asText([id]), id])), unk_token: '<0>' },
  })
}
