// The real llama.cpp, through node-llama-cpp's prebuilt library: loads a GGUF and gives logits and greedy tokens.
import { getLlama, type Llama, LlamaLogLevel, type LlamaModel, type Token } from 'node-llama-cpp'

let llama: Promise<Llama> | undefined

/** One llama.cpp for the process. On few cores more than one thread per context makes it crawl. */
function realLlama(): Promise<Llama> {
  llama ??= getLlama({ build: 'never', gpu: false, logLevel: LlamaLogLevel.error, maxThreads: 1 })
  return llama
}

export type LlamaCppModel = {
  /** Logits after the last token, by token id. */
  logits(tokens: readonly number[]): Promise<Float64Array>
  /** Greedy continuation of `count` tokens; an end token does not stop it. */
  greedy(tokens: readonly number[], count: number): Promise<readonly number[]>
  detokenize(tokens: readonly number[]): string
  tokenize(text: string): readonly number[]
  close(): Promise<void>
}

export async function loadLlamaCpp(path: string): Promise<LlamaCppModel> {
  const model = await (await realLlama()).loadModel({ modelPath: path, gpuLayers: 0 })
  // llama.cpp's default cache of float16 decides near ties otherwise; with float32 its logits are transformers' to six digits.
  const context = await model.createContext({
    contextSize: 256,
    threads: 1,
    sequences: 1,
    flashAttention: false,
    experimentalKvCacheKeyType: 'F32',
    experimentalKvCacheValueType: 'F32',
  })
  const sequence = context.getSequence()
  const evaluate = async (tokens: readonly number[]): Promise<Float64Array> => {
    const last = tokens.length - 1
    const input = tokens.map((token, index) =>
      index < last
        ? (token as Token)
        : ([token as Token, { generateNext: { logits: true } }] as [Token, { generateNext: { logits: true } }]),
    )
    const results = await sequence.controlledEvaluate(input)
    const row = results[last]?.next.logits
    if (row === undefined) throw new Error('llama.cpp returned no logits')
    const logits = new Float64Array(vocabularySize(model))
    for (const [token, logit] of row) logits[token] = logit
    return logits
  }
  return {
    logits: async (tokens) => {
      await sequence.clearHistory()
      return evaluate(tokens)
    },
    greedy: async (tokens, count) => {
      await sequence.clearHistory()
      const made: number[] = []
      let next = tokens
      while (made.length < count) {
        const logits = await evaluate(next)
        const best = logits.reduce((most, logit, token) => (logit > logits[most]! ? token : most), 0)
        made.push(best)
        next = [best]
      }
      return made
    },
    detokenize: (tokens) => model.detokenize(tokens as Token[]),
    tokenize: (text) => model.tokenize(text),
    close: async () => {
      await context.dispose()
      await model.dispose()
    },
  }
}

function vocabularySize(model: LlamaModel): number {
  const { tokens } = model.fileInfo.metadata.tokenizer.ggml
  return tokens.length
}

export type LlamaCppEncoder = {
  /** One vector for all tokens, as the file's pooling says; its length is llama.cpp's. */
  embedding(tokens: readonly number[]): Promise<readonly number[]>
  close(): Promise<void>
}

export async function loadLlamaCppEncoder(path: string): Promise<LlamaCppEncoder> {
  const model = await (await realLlama()).loadModel({ modelPath: path, gpuLayers: 0 })
  const context = await model.createEmbeddingContext({ contextSize: 128, batchSize: 128, threads: 1 })
  return {
    embedding: async (tokens) => (await context.getEmbeddingFor(tokens as Token[])).vector,
    close: async () => {
      await context.dispose()
      await model.dispose()
    },
  }
}

/** KL divergence of a distribution given by logits from another. */
export function divergence(reference: ArrayLike<number>, logits: ArrayLike<number>): number {
  const [p, q] = [logSoftmax(reference), logSoftmax(logits)]
  return p.reduce((sum, value, token) => sum + Math.exp(value) * (value - q[token]!), 0)
}

function logSoftmax(logits: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(logits)
  const largest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  const total = Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0))
  return values.map((value) => value - largest - total)
}

export function cosine(left: ArrayLike<number>, right: ArrayLike<number>): number {
  const product = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, value, index) => sum + value * b[index]!, 0)
  return product(left, right) / Math.sqrt(product(left, left) * product(right, right))
}
