// Graphs for LiteRT, run by LiteRT: the logits of transformers in float32, and close to them when quantized.
// Reference checkpoints lie beside this repository; without them those tests skip. Decoders made up on the spot need none.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { DecoderSpec } from '@fs/arch'
import { modelWeights, openModel } from '@fs/convert'
import { DTYPES } from '@fs/core'
import { openPath } from '@fs/formats/node'
import type { QuantizationName, TfliteOptions, WeightReader } from '@fs/litertlm/graph'
import { plainRowCodec } from '@fs/quant'
import { quantizeBlocksInt4 } from '@fs/quant/litert'
import { openTokenizer, readTokenizerFiles } from '@fs/tokenizer'
import { describe, expect, test } from 'vitest'
import { openLitert } from './litert.test-support.ts'
import { absent } from './reference-models.test-support.ts'

const fixtures = fileURLToPath(new URL('../../../../shared/fixtures/', import.meta.url))

type Prompt = { readonly ids: readonly number[]; readonly greedy: readonly number[] }

const options = (quantization: QuantizationName, cacheLength: number): TfliteOptions => ({
  quantization,
  cacheLength,
  prefillLengths: [4, 32],
  weights: 'outside',
})

async function open(
  path: string,
  quantization: QuantizationName,
  cacheLength = 128,
  changed: (reader: WeightReader) => WeightReader = (reader) => reader,
) {
  const checkpoint = await openPath(path)
  const opened = await openModel(checkpoint)
  const spec = opened.description.spec as DecoderSpec
  const model = await openLitert(spec, changed(modelWeights(opened)), options(quantization, cacheLength))
  await checkpoint.close()
  return { spec, ...model }
}

const argmax = (row: Float32Array): number => row.reduce((best, value, index) => (value > row[best]! ? index : best), 0)

function cosine(left: Float32Array, right: Float32Array): number {
  const product = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, index) => sum + value * b[index]!, 0)
  return product(left, right) / Math.sqrt(product(left, left) * product(right, right))
}

describe.skipIf(absent).each(['llama-2', 'llama-3.2', 'mistral', 'qwen2.5', 'qwen3', 'gemma-3', 'phi-3'])('%s', (name) => {
  const path = `${fixtures}models/${name}`
  const reference = (): { readonly prompts: readonly Prompt[]; readonly rows: readonly Float32Array[] } => {
    const { prompts } = JSON.parse(readFileSync(`${path}/reference.json`, 'utf8'))
    const bytes = readFileSync(`${path}/reference.logits.f32`)
    const columns = bytes.length / 4 / prompts.length
    const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    return { prompts, rows: prompts.map((_: Prompt, row: number) => numbers.subarray(row * columns, (row + 1) * columns)) }
  }

  test('gives the reference’s logits, and its next 16 tokens', async () => {
    const model = await open(path, 'none')
    const { prompts, rows } = reference()
    for (const [index, { ids, greedy }] of prompts.entries()) {
      const sequence = model.start()
      let logits = await sequence.feed(ids)
      expect(1 - cosine(logits, rows[index]!)).toBeLessThan(1e-10)
      const tokens = [argmax(logits)]
      while (tokens.length < greedy.length) {
        logits = await sequence.feed(tokens.slice(-1))
        tokens.push(argmax(logits))
      }
      expect(tokens).toEqual(greedy)
      sequence.dispose()
    }
    model.dispose()
  })

  // Weights rounded, everything else in float32: what the quantizer costs. Measured: 0.99914 at the least.
  test('with 8-bit weights stays within a thousandth', async () => {
    const found = await cosines(path, 'weight_only_int8', reference())
    expect(Math.min(...found)).toBeGreaterThan(0.999)
    expect(Math.min(...(await cosines(path, 'fp16', reference())))).toBeGreaterThan(0.999999)
  })

  // The kernel rounds activations to 8 bits as well. These weights are random, so errors do not cancel as in a trained model (below).
  // Measured: 0.9981 at the least (qwen2.5), 0.9991 on average.
  test('with 8-bit arithmetic stays within two thousandths', async () => {
    expect(Math.min(...(await cosines(path, 'dynamic_int8', reference())))).toBeGreaterThan(0.998)
  })
})

// What four bits cost is the model's business. That the kernels read levels and scales as they were meant shows against the same numbers in float32.
describe.skipIf(absent).each(['qwen3', 'gemma-3'])('%s in four bits', (name) => {
  test.each([32, 128] as const)('blocks of %i are those that were written', async (blockSize) => {
    const path = `${fixtures}models/${name}`
    const quantized = await open(path, `dynamic_int4_block${blockSize}`)
    const emulated = await open(path, 'none', 128, (reader) => inBlocks(reader, blockSize))
    const { prompts }: { readonly prompts: readonly Prompt[] } = JSON.parse(readFileSync(`${path}/reference.json`, 'utf8'))
    for (const { ids } of prompts) {
      const [left, right] = [quantized.start(), emulated.start()]
      // What is left is the rounding of activations; measured: 0.9973 at the least.
      expect(cosine(await left.feed(ids), await right.feed(ids))).toBeGreaterThan(0.995)
      left.dispose()
      right.dispose()
    }
    quantized.dispose()
    emulated.dispose()
  })
})

describe.skipIf(absent).each(['llama', 'qwen3', 'gemma3'])('trained %s', (name) => {
  test('in 8 bits: logits within a thousandth of float32, perplexity within two percent', async () => {
    const path = `${fixtures}trained/${name}`
    const checkpoint = await openPath(path)
    const tokenizer = await openTokenizer(await readTokenizerFiles(checkpoint.folder))
    await checkpoint.close()
    const text = readFileSync(`${fixtures}../realdata/tinyshakespeare/input.txt`, 'utf8').slice(-4000)
    const tokens = tokenizer.encode(text, { addSpecialTokens: true }).slice(0, 256)
    const [exact, rounded] = [await open(path, 'none', 256), await open(path, 'dynamic_int8', 256)]
    const [left, right] = [exact.start(), rounded.start()]
    let [loss, roundedLoss, similarity] = [0, 0, 0]
    for (const [index, token] of tokens.slice(0, -1).entries()) {
      const [logits, roundedLogits] = [await left.feed([token]), await right.feed([token])]
      similarity += cosine(logits, roundedLogits)
      loss += surprise(logits, tokens[index + 1]!)
      roundedLoss += surprise(roundedLogits, tokens[index + 1]!)
    }
    const count = tokens.length - 1
    expect(similarity / count).toBeGreaterThan(0.999)
    expect(Math.abs(Math.exp((roundedLoss - loss) / count) - 1)).toBeLessThan(0.02)
    for (const part of [left, right, exact, rounded]) part.dispose()
  })
})

/** Negative log likelihood of a token. */
function surprise(logits: Float32Array, token: number): number {
  const most = logits.reduce((a, b) => Math.max(a, b))
  return most + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - most), 0)) - logits[token]!
}

async function cosines(
  path: string,
  quantization: QuantizationName,
  { prompts, rows }: { readonly prompts: readonly Prompt[]; readonly rows: readonly Float32Array[] },
): Promise<readonly number[]> {
  const model = await open(path, quantization)
  const found: number[] = []
  for (const [index, { ids }] of prompts.entries()) {
    const sequence = model.start()
    found.push(cosine(await sequence.feed(ids), rows[index]!))
    sequence.dispose()
  }
  model.dispose()
  return found
}

/** Matrices as four-bit levels times their scales, in float32. */
function inBlocks(reader: WeightReader, blockSize: 32 | 128): WeightReader {
  return {
    read: async (name, firstRow, rows) => {
      const { type, bytes } = await reader.read(name, firstRow, rows)
      if (/norm|bias/.test(name)) return { type, bytes }
      const codec = plainRowCodec()
      codec.input(bytes.length).set(bytes)
      const count = bytes.length / DTYPES[type as keyof typeof DTYPES].bytes
      const values = Float32Array.from(codec.decode({ from: type, rows: 1, rowLength: count }))
      codec.dispose()
      const { data, scales } = quantizeBlocksInt4(values, count / rows, blockSize)
      for (let index = 0; index < count; index++) {
        const pair = data[index >> 1]!
        values[index] = (index % 2 === 0 ? (pair << 28) >> 28 : pair >> 4) * scales[Math.floor(index / blockSize)]!
      }
      return { type: 'F32', bytes: new Uint8Array(values.buffer) }
    },
  }
}
