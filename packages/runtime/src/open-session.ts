// A graph and its weights as an open session. The weights pass through once, one initializer at a time.
import { type Graph, packTensors, serializeGraph, type WeightReader } from '@fs/onnx'
import type { InferenceSession } from 'onnxruntime-common'
import type { Backend, WeightData } from './backend.ts'
import { runtimeError } from './errors.ts'

/**
 * @param cacheOutputs outputs a backend may keep where it computes, because they are only fed back
 * @throws FsError `runtime/session-failed` with the engine's reason
 */
export async function openSession(
  backend: Backend,
  graph: Graph,
  weights: WeightReader,
  cacheOutputs: readonly string[],
): Promise<InferenceSession> {
  const model = serializeGraph(graph, 'model', (tensor) => ({ location: tensor.data, offset: 0 }))
  const data: WeightData[] = []
  for await (const packed of packTensors(graph.initializers, weights)) data.push({ path: packed.tensor.data, data: packed.data })
  try {
    return await backend.createSession(model, data, cacheOutputs)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw runtimeError('runtime/session-failed', `${backend.name} could not load the model: ${reason}`, { backend: backend.name }, cause)
  }
}
