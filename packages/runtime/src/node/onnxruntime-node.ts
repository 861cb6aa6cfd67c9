// ONNX Runtime's native build for Node as a backend: CPU, or whatever execution providers it is told to use.
import { InferenceSession } from 'onnxruntime-node'
import type { Backend } from '../backend.ts'
import { BitTensor } from './half-tensor.ts'
import { stageOnDisk } from './stage-on-disk.ts'

export type NodeBackendOptions = {
  /** Threads of one computation; as many as there are cores where it is left out. */
  readonly threads?: number
  /**
   * A folder on a disk with room for the model: weights pass through a file there, which is gone once the model is open. Without it they are
   * handed over in memory, and for a moment lie there three times.
   */
  readonly scratchFolder?: string
}

/** Loads the native library when it is first imported, so import `@fs/runtime/node` only where it is used. */
export function nodeBackend(options: NodeBackendOptions = {}): Backend {
  return {
    name: 'onnxruntime-node',
    cache: 'in-place',
    lacks: [],
    Tensor: BitTensor,
    stage: options.scratchFolder === undefined ? null : stageOnDisk(options.scratchFolder),
    createSession: (model, weights) => {
      const sessionOptions = {
        ...(weights.length === 0 ? {} : { externalData: weights }),
        executionProviders: ['cpu'],
        ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
        // Errors only: the runtime warns of every shape it cannot infer.
        logSeverityLevel: 3,
      } as const
      return typeof model === 'string' ? InferenceSession.create(model, sessionOptions) : InferenceSession.create(model, sessionOptions)
    },
  }
}
