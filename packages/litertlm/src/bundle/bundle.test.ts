import { memorySource } from '@fs/formats/bytes'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { layoutContainer, type SectionInput } from '../container/layout.ts'
import { tinyFile } from '../graph/tiny-decoder.test-support.ts'
import type { LlmMetadata } from '../metadata/metadata.ts'
import { writeMetadata } from '../metadata/write.ts'
import { packTokenizerJson } from '../tokenizer/section.ts'
import { bundleProblems, readBundle } from './bundle.ts'
import { graphShape } from './graph-shape.ts'
import { sectionSource } from './section-source.ts'

const METADATA: LlmMetadata = { stopTokens: [{ ids: [1] }], maxTokens: 16, channels: [] }
const TOKENIZER = new TextEncoder().encode('{}')

type Part = { readonly type: SectionInput['type']; readonly bytes: Uint8Array; readonly items?: ReadonlyMap<string, string> }

function bundleOf(parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  const layout = layoutContainer(
    new Map(),
    parts.map(({ bytes, ...part }) => ({ ...part, size: bytes.length })),
  )
  const file = new Uint8Array(layout.size)
  file.set(layout.header)
  for (const [index, { bytes }] of parts.entries()) file.set(bytes, layout.sections[index]!.offset)
  return file
}

let metadata: Part
let tokenizer: Part
let graph: Part
beforeAll(async () => {
  metadata = { type: 'llm-metadata', bytes: writeMetadata(METADATA) }
  tokenizer = { type: 'huggingface-tokenizer', bytes: await packTokenizerJson(TOKENIZER) }
  const items = new Map([['model_type', 'tf_lite_prefill_decode']])
  graph = { type: 'tflite-model', bytes: (await tinyFile({ weights: 'outside', quantization: 'none' })).bytes, items }
})

const read = (file: Uint8Array) => readBundle(memorySource(file, 'a.litertlm'))
const problems = (file: Uint8Array) => bundleProblems(memorySource(file, 'a.litertlm'))
const withMetadata = (changes: Partial<LlmMetadata>): Part => ({ ...metadata, bytes: writeMetadata({ ...METADATA, ...changes }) })

describe('a bundle', () => {
  test('is read whole, but for its weights', async () => {
    const whole = memorySource(bundleOf([metadata, tokenizer, graph]), 'a.litertlm')
    let [reads, bytesRead] = [0, 0]
    const counting = {
      ...whole,
      read: (offset: number, length: number) => {
        reads++
        bytesRead += length
        return whole.read(offset, length)
      },
    }
    const bundle = await readBundle(counting)
    expect(bundle.metadata).toEqual(METADATA)
    expect(bundle.tokenizer).toEqual({ kind: 'huggingface', json: TOKENIZER })
    expect(graphShape(bundle.tflite)).toEqual({ prefillLengths: [4], cacheLength: 16, layers: 2, vocabularySize: 48 })
    expect(await problems(bundleOf([metadata, tokenizer, graph]))).toEqual([])
    // Behind an address, each of them is a request.
    expect(reads).toBeLessThan(8)
    expect(bytesRead).toBeLessThan(whole.size)
  })

  test('may bring a SentencePiece model, and other graphs', async () => {
    const model = Uint8Array.of(1, 2, 3)
    const vision: Part = { type: 'tflite-model', bytes: new Uint8Array(4), items: new Map([['model_type', 'tf_lite_vision_encoder']]) }
    const { tokenizer: read_ } = await read(bundleOf([metadata, { type: 'sentencepiece-tokenizer', bytes: model }, vision, graph]))
    expect(read_).toEqual({ kind: 'sentencepiece', model })
  })
})

describe('is refused with the reason', () => {
  test.each([
    ['metadata', () => [tokenizer, graph], 'no metadata'],
    ['a tokenizer', () => [metadata, graph], 'no tokenizer'],
    ['a graph', () => [metadata, tokenizer], 'no model'],
    ['one tokenizer', () => [metadata, tokenizer, tokenizer, graph], '2 tokenizers'],
  ])('without %s', async (_what, parts, words) => {
    await expect(read(bundleOf(parts()))).rejects.toMatchObject({ code: 'litertlm/sections', message: expect.stringContaining(words) })
  })

  test.each([
    ['a promise the cache does not hold', { maxTokens: 17 }, 'the cache of its graph holds 16'],
    ['a stop token beyond the vocabulary', { stopTokens: [{ ids: [48] }] }, 'token 48'],
    ['a start token beyond the vocabulary', { startToken: { ids: [2 ** 31 - 1] } }, 'token 2147483647'],
    ['no end', { stopTokens: [] }, 'no stop token'],
    ['a model type the engine refuses', { modelType: 'gemma3-270m' }, 'refuses'],
  ] as const)('for %s', async (_what, changes, words) => {
    const file = bundleOf([withMetadata(changes as Partial<LlmMetadata>), tokenizer, graph])
    await expect(read(file)).rejects.toMatchObject({ code: 'litertlm/contradiction', message: expect.stringContaining(words) })
  })

  test('for a graph the engine cannot find its way in', async () => {
    const renamed = (from: string, to: string): Part => {
      const bytes = graph.bytes.slice()
      const text = Buffer.from(bytes.buffer)
      for (let at = text.indexOf(from); at >= 0; at = text.indexOf(from, at + 1)) text.write(to, at)
      return { ...graph, bytes }
    }
    for (const [from, to, words] of [
      ['decode', 'encode', 'no signature `decode`'],
      ['prefill_4', 'profile_4', 'begins with `prefill`'],
      ['logits', 'digits', 'gives no logits'],
    ] as const)
      expect((await problems(bundleOf([metadata, tokenizer, renamed(from, to)]))).map(({ message }) => message)).toEqual([
        expect.stringContaining(words),
      ])
  })

  test('for metadata longer than any', async () => {
    const huge: Part = { type: 'llm-metadata', bytes: new Uint8Array(16 * 1024 * 1024 + 1) }
    await expect(read(bundleOf([huge, tokenizer, graph]))).rejects.toMatchObject({ code: 'litertlm/section-size' })
  })

  test('for all reasons at once, to those who want them', async () => {
    const spoiled = { ...graph, bytes: graph.bytes.slice(0, 1000) }
    const found = await problems(bundleOf([{ ...metadata, bytes: Uint8Array.of(0x0a) }, spoiled]))
    expect(found.map(({ code }) => code)).toEqual(['litertlm/metadata', 'litertlm/sections', 'litertlm/tflite'])
  })
})

test('a section that is cut is not missed as well', async () => {
  const whole = bundleOf([metadata, tokenizer, graph])
  const found = await problems(whole.subarray(0, whole.length - 40_000))
  expect(found.map(({ code }) => code)).toEqual(['litertlm/truncated'])
})

test('a section gives no bytes of its neighbours', async () => {
  const section = sectionSource(memorySource(new Uint8Array(100), 'x'), { type: 'generic-binary', items: new Map(), offset: 10, size: 20 })
  expect(await section.read(0, 20)).toHaveLength(20)
  for (const [offset, length] of [
    [1, 20],
    [-1, 2],
    [0, -1],
  ] as const)
    await expect(section.read(offset, length)).rejects.toMatchObject({ code: 'litertlm/section-range' })
  await section.close()
})

test('spoiled anywhere it is read or refused, never anything else', async () => {
  const whole = bundleOf([metadata, tokenizer, graph])
  // Where nothing but zeros and weights lie, changes say nothing.
  const places = [...whole.keys()].filter((at) => whole[at] !== 0 || whole[at - 1] !== 0)
  const change = fc.tuple(
    fc.nat(places.length - 1).map((index) => places[index]!),
    fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), fc.option(fc.nat(whole.length)), async (changes, length) => {
      const bytes = whole.slice(0, length ?? whole.length)
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
      for (const problem of await problems(bytes)) expect(problem.code).toMatch(/^litertlm\//)
    }),
    { numRuns: 400 },
  )
})
