// The same in headless Chromium: checkpoints become ONNX models in the page, and onnxruntime-web writes the reference's tokens from them,
// through our runtime and through transformers.js. The page asks no server but the one it came from.
import { openModel } from '@fs/convert'
import { executeInline } from '@fs/convert/inline'
import { planOnnx } from '@fs/convert/onnx'
import { fileFolder, openCheckpoint } from '@fs/formats'
import { wasmRowCodec } from '@fs/quant/wasm'
import { openExportedModel } from '@fs/runtime'
import { webBackend } from '@fs/runtime/web'
import { beforeAll, describe, expect, test } from 'vitest'

declare global {
  interface ImportMeta {
    /** Vite's: addresses of files, by their paths. */
    glob(pattern: string, options: { query: '?url'; import: 'default'; eager: true; exhaustive: boolean }): Addresses
  }
}

type Addresses = { readonly [path: string]: string }
type Library = typeof import('@huggingface/transformers')

// Beside this repository: ../shared/fixtures/models. Where it is not, the list is empty and these tests are skipped.
const fixtures = import.meta.glob('../../../../shared/fixtures/models/{llama-3.2,qwen3,gemma-3}/*', {
  query: '?url',
  import: 'default',
  eager: true,
  exhaustive: false,
})
const fixtureNames = ['llama-3.2', 'qwen3', 'gemma-3'] as const

/** The library as pages load it from a server: one file. */
const library = import.meta.glob('../node_modules/@huggingface/transformers/dist/transformers.min.js', {
  query: '?url',
  import: 'default',
  eager: true,
  exhaustive: true,
})
/** The build of onnxruntime-web the library is made for, which it would fetch from a server elsewhere. */
const engine = import.meta.glob(
  '/node_modules/.pnpm/onnxruntime-web@*-dev.*/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.{mjs,wasm}',
  { query: '?url', import: 'default', eager: true, exhaustive: true },
)

const addressOf = (addresses: Addresses, end: string): string => Object.entries(addresses).find(([path]) => path.endsWith(end))![1]

async function bytesAt(address: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(address)).arrayBuffer())
}

async function checkpointFiles(name: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const [path, address] of Object.entries(fixtures)) {
    const [folder, file] = path.split('/').slice(-2)
    if (folder === name) files.set(file!, await bytesAt(address))
  }
  return files
}

/** What `convert --to onnx` writes, as files in memory. */
async function exported(files: ReadonlyMap<string, Uint8Array>): Promise<ReadonlyMap<string, Uint8Array>> {
  const checkpoint = await openCheckpoint(fileFolder('model', files))
  const { plan } = await planOnnx(await openModel(checkpoint), { quants: ['f32'], pathFor: (file) => file })
  const outputs = plan.outputs.map(({ size }) => new Uint8Array(size))
  const codec = await wasmRowCodec()
  await executeInline(plan, checkpoint.tensors.files, codec, async (output, offset, bytes) => outputs[output]!.set(bytes, offset))
  codec.dispose()
  return new Map(plan.outputs.map(({ path }, index) => [path, outputs[index]!]))
}

describe.skipIf(Object.keys(fixtures).length === 0).each(fixtureNames)('%s', (name) => {
  let files: ReadonlyMap<string, Uint8Array>
  let prompts: readonly { readonly ids: readonly number[]; readonly greedy: readonly number[] }[]

  beforeAll(async () => {
    const source = await checkpointFiles(name)
    prompts = JSON.parse(new TextDecoder().decode(source.get('reference.json'))).prompts
    files = await exported(source)
  })

  test('our runtime writes the 16 tokens of the reference for every prompt', async () => {
    const model = await openExportedModel({
      model: files.get('onnx/model.onnx')!,
      weights: [{ path: 'model.onnx_data', data: files.get('onnx/model.onnx_data')! }],
      backend: await webBackend({ device: 'wasm' }),
      contextLength: 512,
      cache: 'returned',
    })
    for (const { ids, greedy } of prompts) {
      const sequence = model.createSequence()
      const tokens: number[] = []
      while (tokens.length < greedy.length) {
        const row = await model.prefill({ sequence, tokens: tokens.length === 0 ? ids : tokens.slice(-1) }, 'last')
        tokens.push(row.reduce((best, value, token) => (value > row[best]! ? token : best), 0))
      }
      expect(tokens).toEqual(greedy)
      sequence.dispose()
    }
    await model.dispose()
  })

  test('transformers.js writes them too', async () => {
    const { AutoModelForCausalLM, env, Tensor }: Library = await import(/* @vite-ignore */ addressOf(library, '.js'))
    env.allowRemoteModels = false
    env.allowLocalModels = true
    env.localModelPath = '/exported/'
    env.useBrowserCache = false
    env.useWasmCache = false
    const wasmPaths = { mjs: addressOf(engine, '.mjs'), wasm: addressOf(engine, '.wasm') }
    Object.assign(env.backends.onnx.wasm!, { wasmPaths, numThreads: 1 })
    const asked: string[] = []
    env.fetch = async (address: string | URL) => {
      const path = new URL(address, location.href).pathname.replace(`/exported/${name}/`, '')
      asked.push(path)
      const bytes = files.get(path)
      return bytes === undefined ? new Response(null, { status: 404 }) : new Response(bytes as BufferSource)
    }
    const model = await AutoModelForCausalLM.from_pretrained(name, { device: 'wasm' })
    expect(asked).toEqual(expect.arrayContaining(['config.json', 'onnx/model.onnx', 'onnx/model.onnx_data']))
    for (const { ids, greedy } of prompts) {
      const dims = [1, ids.length]
      const output = await model.generate({
        inputs: new Tensor('int64', BigInt64Array.from(ids, BigInt), dims),
        attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), dims),
        max_new_tokens: greedy.length,
        do_sample: false,
        // References go on past the end of a text.
        eos_token_id: null,
      } as unknown as Parameters<typeof model.generate>[0])
      expect(Array.from((output as InstanceType<Library['Tensor']>).data as BigInt64Array, Number).slice(ids.length)).toEqual(greedy)
    }
    await model.dispose()
  })
})
