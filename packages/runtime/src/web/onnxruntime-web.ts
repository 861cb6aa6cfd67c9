// ONNX Runtime's WebAssembly build as a backend: on the CPU, or on the GPU through WebGPU. It runs in browsers, and on the CPU in Node too.
import type { InferenceSession } from 'onnxruntime-common'
import type { Backend } from '../backend.ts'

export type WebBackendOptions = {
  readonly device: 'wasm' | 'webgpu'
  /**
   * Threads on the CPU. More than one needs a page that is cross-origin isolated.
   * @defaultValue 1
   */
  readonly threads?: number
  /** Where the .wasm and .mjs files of onnxruntime-web are served, if not beside its script. */
  readonly assets?: { readonly wasm: string; readonly mjs?: string }
}

/** Loads the WebAssembly build; the WebGPU one only where it is asked for. */
export async function webBackend(options: WebBackendOptions): Promise<Backend> {
  const { device, threads = 1, assets } = options
  const runtime = device === 'wasm' ? await import('onnxruntime-web/wasm') : await import('onnxruntime-web/webgpu')
  runtime.env.wasm.numThreads = threads
  runtime.env.logLevel = 'error'
  if (assets !== undefined) runtime.env.wasm.wasmPaths = assets
  return {
    name: `onnxruntime-web (${device})`,
    cache: device === 'webgpu' ? 'device' : 'copied',
    // WebGPU's GroupQueryAttention leaves it out without a word (1.30, measured).
    lacks: device === 'webgpu' ? ['attention-soft-cap'] : [],
    Tensor: runtime.Tensor,
    stage: async () => null,
    createSession: (model, weights) => {
      const sessionOptions: InferenceSession.SessionOptions = {
        ...(weights.length === 0 ? {} : { externalData: weights }),
        executionProviders: [device],
        logSeverityLevel: 3,
        // The cache stays on the device; logits are fetched from there.
        ...(device === 'webgpu' ? { preferredOutputLocation: 'gpu-buffer' } : {}),
      }
      const { create } = runtime.InferenceSession
      return typeof model === 'string' ? create(model, sessionOptions) : create(model, sessionOptions)
    },
  }
}
