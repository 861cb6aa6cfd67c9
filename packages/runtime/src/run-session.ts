// One run of a session, with its failure in our words, and its results wherever they lie.
// What is fed in and what is wanted is the caller's business.
import { halfToFloat } from '@fs/quant/floats'
import type { InferenceSession, Tensor } from 'onnxruntime-common'
import type { Values } from './backend.ts'
import { runtimeError } from './errors.ts'

/** @throws FsError `runtime/run-failed` with the engine's reason */
export async function runSession(session: InferenceSession, feeds: Values, wanted: InferenceSession.FetchesType): Promise<Values> {
  try {
    return (await session.run(feeds, wanted)) as Values
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw runtimeError('runtime/run-failed', `ONNX Runtime stopped while computing: ${reason}`, {}, cause)
  }
}

/** A result as float32, from wherever it lies. Halves come as bits, or as numbers where JavaScript has a Float16Array. */
export async function fetchFloats(tensor: Tensor): Promise<Float32Array> {
  const data = await tensor.getData(true)
  if (data instanceof Float32Array) return data
  return data instanceof Uint16Array ? Float32Array.from(data, halfToFloat) : Float32Array.from(data as unknown as ArrayLike<number>)
}
