// ONNX Runtime's native build for Node as a backend: CPU, or whatever execution providers it is told to use.
import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { Backend } from '../backend.ts'

export type NodeBackendOptions = {
  /** Threads of one computation; as many as there are cores where it is left out. */
  readonly threads?: number
}

/** Loads the native library when it is first imported, so import `@fs/runtime/node` only where it is used. */
export function nodeBackend(options: NodeBackendOptions = {}): Backend {
  return {
    name: 'onnxruntime-node',
    cache: 'in-place',
    lacks: [],
    Tensor,
    createSession: (model, weights) =>
      InferenceSession.create(model, {
        externalData: weights,
        executionProviders: ['cpu'],
        ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
        // Errors only: the runtime warns of every shape it cannot infer.
        logSeverityLevel: 3,
      }),
  }
}
