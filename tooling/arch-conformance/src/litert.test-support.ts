// Google's LiteRT, as WebAssembly on the CPU: it runs the TFLite model of a bundle and gives logits, which the engine above it does not show.
// What feeds the model token by token here is, in a bundle, LiteRT-LM's own work.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compileFunction } from 'node:vm'
import type { DecoderSpec } from '@fs/arch'
import { planTflite, type TfliteOptions, type WeightReader, writeTflite } from '@fs/litertlm/graph'
import { wasmRowCodec } from '@fs/quant/wasm'

/** What the engine gives positions that may not be seen (LiteRT-LM llm_litert_compiled_model_executor.cc). */
const MASKED = Math.fround(-0.7 * 3.4028234663852886e38)

export type LitertSequence = {
  /** Appends tokens. @returns logits after the last one */
  feed(tokens: readonly number[]): Promise<Float32Array>
  dispose(): void
}

export type LitertModel = { start(): LitertSequence; dispose(): void }

/** What is used of the library. Its own types change those of `Float32Array` for every file that is checked with them. */
type Tensor = { data(): Promise<ArrayLike<number>>; delete(): void }
type CompiledModel = {
  run(signature: string, inputs: { readonly [name: string]: Tensor }): Promise<{ readonly [name: string]: Tensor }>
  delete(): void
}
type Library = {
  loadLiteRt(script: string): Promise<unknown>
  loadAndCompile(model: Uint8Array, options: { readonly accelerator: 'wasm' }): Promise<CompiledModel>
  readonly Tensor: new (data: Int32Array | Float32Array, shape: readonly number[]) => Tensor
}

let loading: Promise<Library> | undefined

/** The library expects a browser that runs its script; for as long as it loads, there is a function that does. */
async function load(): Promise<Library> {
  const folder = dirname(createRequire(import.meta.url).resolve('@litertjs/core/package.json'))
  const script = join(folder, 'wasm', 'litert_wasm_internal.js')
  const quiet = () => undefined
  const scope = globalThis as { self?: unknown; importScripts?: unknown; ModuleFactory?: unknown }
  scope.self ??= globalThis
  scope.importScripts = () => {
    const source = `${readFileSync(script, 'utf8')}\nreturn ModuleFactory`
    const define = compileFunction(source, ['require', '__filename', '__dirname', 'module'], { filename: script })
    const create = define(createRequire(script), script, dirname(script), undefined)
    scope.ModuleFactory = () => create({ locateFile: (name: string) => join(dirname(script), name), print: quiet, printErr: quiet })
  }
  const { warn } = console
  // It says that there is no WebGPU.
  console.warn = quiet
  try {
    const library: Library = await import(pathToFileURL(join(folder, 'dist/index.js')).href)
    await library.loadLiteRt(script)
    return library
  } finally {
    console.warn = warn
    delete scope.importScripts
  }
}

/** Builds the whole TFLite file in memory and gives it to LiteRT. */
export async function openLitert(spec: DecoderSpec, weights: WeightReader, options: TfliteOptions): Promise<LitertModel> {
  loading ??= load()
  const library = await loading
  const plan = planTflite(spec, options)
  const file = new Uint8Array(plan.byteLength)
  const codec = await wasmRowCodec()
  await writeTflite(plan, weights, async (offset, bytes) => file.set(bytes, offset), { codec })
  codec.dispose()
  const model = await library.loadAndCompile(file, { accelerator: 'wasm' })
  return { start: () => startSequence(library, model, spec, options), dispose: () => model.delete() }
}

function startSequence(
  { Tensor }: Library,
  model: CompiledModel,
  spec: DecoderSpec,
  { cacheLength, prefillLengths }: TfliteOptions,
): LitertSequence {
  const cache = new Map<string, Tensor>()
  const replace = (name: string, tensor: Tensor) => {
    cache.get(name)?.delete()
    cache.set(name, tensor)
  }
  for (const [index, { attention }] of spec.layers.entries()) {
    const { keyValueHeads: heads, headDimension: width } = attention
    const zeros = () => new Float32Array(heads * cacheLength * width)
    replace(`kv_cache_k_${index}`, new Tensor(zeros(), [1, heads, cacheLength, width]))
    replace(`kv_cache_v_${index}`, new Tensor(zeros(), [1, heads, width, cacheLength]))
  }
  let position = 0

  const run = async (signature: string, length: number, tokens: readonly number[]): Promise<Float32Array | undefined> => {
    const mask = new Float32Array(length * cacheLength).fill(MASKED)
    for (let row = 0; row < length; row++) mask.fill(0, row * cacheLength, row * cacheLength + Math.min(cacheLength, position + row + 1))
    const inputs = {
      tokens: new Tensor(
        Int32Array.from({ length }, (_, index) => tokens[index] ?? 0),
        [1, length],
      ),
      input_pos: new Tensor(
        Int32Array.from({ length }, (_, index) => position + index),
        [length],
      ),
      mask: new Tensor(mask, [1, 1, length, cacheLength]),
    }
    const outputs = await model.run(signature, { ...inputs, ...Object.fromEntries(cache) })
    for (const input of Object.values(inputs)) input.delete()
    position += tokens.length
    let logits: Float32Array | undefined
    for (const [name, tensor] of Object.entries(outputs)) {
      if (name !== 'logits') replace(name, tensor)
      else {
        logits = Float32Array.from(await tensor.data())
        tensor.delete()
      }
    }
    return logits
  }

  return {
    feed: async (tokens) => {
      // As the engine does it: all but the last token by the longest signature that is not mostly padding, the last one decoded.
      let rest = tokens.slice(0, -1)
      const longestFirst = [...prefillLengths].sort((a, b) => b - a)
      while (rest.length > 0) {
        const length = longestFirst.find((candidate) => candidate <= rest.length) ?? longestFirst.at(-1)!
        if (position + length > cacheLength) {
          await run('decode', 1, rest.slice(0, 1))
          rest = rest.slice(1)
          continue
        }
        await run(`prefill_${length}`, length, rest.slice(0, length))
        rest = rest.slice(length)
      }
      return (await run('decode', 1, tokens.slice(-1)))!
    },
    dispose: () => {
      for (const tensor of cache.values()) tensor.delete()
    },
  }
}
