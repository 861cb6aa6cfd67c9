// What a worker thread is started with, and the only two things it says.
import type { ErrorDetails } from '@fs/core'
import type { ConversionPlan } from '../plan/conversion-plan.ts'

export type WorkerInput = {
  readonly plan: ConversionPlan
  /** Memory of `shared-state.ts`. */
  readonly memory: SharedArrayBuffer
  /** Open file descriptors of the outputs: descriptors are the process's, so threads share them. */
  readonly descriptors: readonly number[]
  /** Compiled kernels, so that each worker does not compile them again; absent means the plain codec. */
  readonly kernels?: WebAssembly.Module
}

export type WorkerMessage =
  | { readonly kind: 'finished' }
  | {
      readonly kind: 'failed'
      readonly code: string
      readonly message: string
      readonly details: ErrorDetails
      readonly stack: string | undefined
    }
