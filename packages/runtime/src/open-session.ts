// A graph and its weights as an open session. The weights pass through once, one initializer at a time.
import { type Graph, packTensors, serializeGraph, type WeightReader } from '@fs/onnx'
import type { InferenceSession } from 'onnxruntime-common'
import type { Backend, WeightData } from './backend.ts'
import { runtimeError } from './errors.ts'

/** @throws FsError `runtime/session-failed` with the engine's reason, and whatever the reader throws */
export async function openSession(backend: Backend, graph: Graph, weights: WeightReader): Promise<InferenceSession> {
  const model = serializeGraph(graph, 'model', (tensor) => ({ location: tensor.data, offset: 0 }))
  const data: WeightData[] = []
  for await (const packed of packTensors(graph.initializers, weights)) data.push({ path: packed.tensor.data, data: packed.data })
  return createSession(
    backend,
    model,
    data,
    graph.outputs.map(({ name }) => name),
  )
}

/**
 * @param outputs names of the model's outputs; a backend may keep the cache among them where it computes, because it is only fed back
 * @throws FsError `runtime/session-failed` with the engine's reason
 */
export async function createSession(
  backend: Backend,
  model: Uint8Array | string,
  data: readonly WeightData[],
  outputs: readonly string[],
): Promise<InferenceSession> {
  try {
    return await backend.createSession(
      model,
      data,
      outputs.filter((name) => name.startsWith('present.')),
    )
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw runtimeError('runtime/session-failed', `${backend.name} could not load the model: ${reason}`, { backend: backend.name }, cause)
  }
}
