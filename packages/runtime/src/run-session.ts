// One run of a session, with its failure in our words.
import type { InferenceSession } from 'onnxruntime-common'
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
