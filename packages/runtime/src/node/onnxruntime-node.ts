// ONNX Runtime's native build for Node as a backend: CPU, or whatever execution providers it is told to use.
import { InferenceSession } from 'onnxruntime-node'
import type { Backend } from '../backend.ts'
import { BitTensor } from './half-tensor.ts'
import { stageOnDisk } from './stage-on-disk.ts'

export type NodeBackendOptions = {
  /** Threads of one computation; as many as there are cores where it is left out. */
  readonly threads?: number
  /**
   * A folder on a disk: where it has room for them, weights of `scratchFrom` bytes and more pass through a file there, which is gone once the
   * model is open. Where this is left out they are handed over in memory, no copy is made on a disk, and for a moment they lie in memory three
   * times: ours, ONNX Runtime's, which it keeps until all are packed, and the packed ones. 1.24 B parameters of 4 bits take 3.2 GB at the peak,
   * through a file 1.8 GB; how long either takes is in docs/benchmarks.md.
   */
  readonly scratchFolder?: string
  /** 64 MiB where it is left out: fewer bytes take no longer in memory. */
  readonly scratchFrom?: number
}

/**
 * Loads the native library when it is first imported, so import `@fs/runtime/node` only where it is used. What the library would tell its makers
 * of each model, and the number it would give the machine in `~/.cache/Microsoft`, are turned off for the whole process.
 */
export function nodeBackend(options: NodeBackendOptions = {}): Backend {
  // Read when the first session is made (onnxruntime 1.30: core/platform/posix/telemetry.cc). Who wants it says ORT_DISABLE_TELEMETRY=0.
  process.env.ORT_DISABLE_TELEMETRY ??= '1'
  return {
    name: 'onnxruntime-node',
    cache: 'in-place',
    lacks: [],
    Tensor: BitTensor,
    stage: async (bytes) => (options.scratchFolder === undefined ? null : stageOnDisk(options.scratchFolder, bytes, options.scratchFrom)),
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
