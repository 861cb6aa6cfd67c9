// A rival: `node llama-cpp.ts MODEL THREADS` runs a model with node-llama-cpp, llama.cpp as JavaScript programs have it, and prints its
// speeds as JSON. How fast llama.cpp is without JavaScript around it, its own `llama-bench` tells.
import { getLlama, type LlamaContextSequence, LlamaLogLevel, type Token } from 'node-llama-cpp'
import { BATCH, PROMPT_TOKENS, promptOf, REPETITIONS, type Speeds, timed, WRITTEN_TOKENS } from './speeds.ts'

const [path = '', threadsText = ''] = process.argv.slice(2)
const threads = Number(threadsText)

/** Reads tokens and chooses the one after the last. */
function read(sequence: LlamaContextSequence, tokens: readonly number[]): Promise<unknown> {
  const last = tokens.length - 1
  return sequence.controlledEvaluate(
    tokens.map((token, index) => (index === last ? [token as Token, { generateNext: { token: true } }] : (token as Token))),
  )
}

const started = performance.now()
const llama = await getLlama({ build: 'never', gpu: false, maxThreads: threads, logLevel: LlamaLogLevel.disabled })
const model = await llama.loadModel({ modelPath: path, gpuLayers: 0 })
const context = await model.createContext({ contextSize: 1024, sequences: BATCH.sequences, threads, batchSize: 512 })
const load = (performance.now() - started) / 1000

const sequences = Array.from({ length: BATCH.sequences }, () => context.getSequence())
const [first] = sequences as [LlamaContextSequence, ...LlamaContextSequence[]]
const prefill = await timed(REPETITIONS, async () => {
  await first.clearHistory()
  await read(first, promptOf(PROMPT_TOKENS))
})
const step = await timed(WRITTEN_TOKENS, (index) => read(first, [index + 5]))
await first.clearHistory()
for (const sequence of sequences) await read(sequence, promptOf(BATCH.promptTokens))
// It puts evaluations that wait at the same time into one batch.
const together = await timed(BATCH.writtenTokens, (index) => Promise.all(sequences.map((sequence) => read(sequence, [index + 5]))))

const speeds: Speeds = { load, prefill: PROMPT_TOKENS / prefill, decode: 1 / step, batch: BATCH.sequences / together }
console.log(JSON.stringify(speeds))
await llama.dispose()
