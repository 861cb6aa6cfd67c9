// One of our contenders: `node fartsovka.ts MODEL ARITHMETIC THREADS` runs a model and prints its speeds as JSON.
// A process of its own, so that what it takes of memory can be told.
import { modelWeights, openModel } from '@fs/convert'
import type { LanguageModel } from '@fs/core'
import { decodeText, type TextCodec } from '@fs/decode'
import { openPath } from '@fs/formats/node'
import { type Arithmetic, openLanguageModel } from '@fs/runtime'
import { nodeBackend } from '@fs/runtime/node'
import { BATCH, PROMPT_TOKENS, promptOf, REPETITIONS, type Speeds, timed, WRITTEN_TOKENS } from './speeds.ts'

const [path = '', arithmetic = '', threads = ''] = process.argv.slice(2)

/** Ids are written; nobody reads them. */
function speechless(vocabularySize: number): TextCodec {
  return {
    vocabularySize,
    encode: () => [],
    encodeSegments: () => [],
    createDecodeStream: () => ({ push: () => '', end: () => '' }),
    idToBytes: () => undefined,
    isSpecial: () => false,
  }
}

async function prefillAndDecode(model: LanguageModel): Promise<{ readonly prefill: number; readonly decode: number }> {
  const tokens = promptOf(PROMPT_TOKENS)
  const read = await timed(REPETITIONS, async () => {
    const sequence = model.createSequence()
    await model.prefill({ sequence, tokens }, 'last')
    sequence.dispose()
  })
  const sequence = model.createSequence()
  await model.prefill({ sequence, tokens }, 'last')
  const step = await timed(WRITTEN_TOKENS, (index) => model.step([{ sequence, tokens: [index + 5] }]))
  sequence.dispose()
  return { prefill: PROMPT_TOKENS / read, decode: 1 / step }
}

async function batch(model: LanguageModel): Promise<number> {
  const sequences = Array.from({ length: BATCH.sequences }, () => model.createSequence())
  for (const sequence of sequences) await model.prefill({ sequence, tokens: promptOf(BATCH.promptTokens) }, 'last')
  const step = await timed(BATCH.writtenTokens, (index) => model.step(sequences.map((sequence) => ({ sequence, tokens: [index + 5] }))))
  for (const sequence of sequences) sequence.dispose()
  return BATCH.sequences / step
}

/** Tokens a second after the prompt, of a text that goes on repeating what it said. */
async function lookup(model: LanguageModel): Promise<number> {
  const prompt = Array.from({ length: 64 }, (_, index) => 1000 + (index % 16) * 101)
  const codec = speechless(model.vocabularySize)
  const write = (maxTokens: number) => timed(1, () => decodeText(model, codec, prompt, { strategy: 'greedy', maxTokens, lookup: {} }))
  const [first, all] = [await write(1), await write(2 * WRITTEN_TOKENS)]
  return (2 * WRITTEN_TOKENS - 1) / (all - first)
}

const started = performance.now()
const opened = await openModel(await openPath(path))
const { spec } = opened.description
if (spec.kind !== 'decoder') throw new Error(`${path} is no decoder`)
const model = await openLanguageModel({
  spec,
  weights: modelWeights(opened),
  backend: nodeBackend({ threads: Number(threads) }),
  arithmetic: arithmetic as Arithmetic,
  contextLength: 1024,
})
const load = (performance.now() - started) / 1000
const speeds: Speeds = { load, ...(await prefillAndDecode(model)), batch: await batch(model), lookup: await lookup(model) }
console.log(JSON.stringify(speeds))
await model.dispose()
