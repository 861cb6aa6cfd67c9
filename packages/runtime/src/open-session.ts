// A graph and its weights as an open session. The weights pass through once, one initializer at a time.
import { type ExternalData, type Graph, layoutExternalData, packTensors, serializeGraph, type WeightReader } from '@fs/onnx'
import { wasmRowCodec } from '@fs/quant/wasm'
import type { InferenceSession } from 'onnxruntime-common'
import type { Backend, PlacedData, StageModel, WeightData } from './backend.ts'
import { runtimeError } from './errors.ts'

/** @throws FsError `runtime/session-failed` with the engine's reason, and whatever the reader throws */
export async function openSession(backend: Backend, graph: Graph, weights: WeightReader): Promise<InferenceSession> {
  const layout = layoutExternalData(graph.initializers, 'model.onnx', Number.MAX_SAFE_INTEGER)
  const stage = await backend.stage(layout.files.reduce((sum, { size }) => sum + size, 0))
  if (stage !== null) return openStaged(backend, stage, graph, layout.places, weights)
  const model = serializeGraph(graph, 'model', (tensor) => ({ location: tensor.data, offset: 0 }))
  const data: WeightData[] = []
  for await (const packed of packTensors(graph.initializers, weights, await wasmRowCodec()))
    data.push({ path: packed.tensor.data, data: packed.data })
  return createSession(backend, model, data)
}

async function openStaged(
  backend: Backend,
  stage: StageModel,
  graph: Graph,
  places: ExternalData['places'],
  weights: WeightReader,
): Promise<InferenceSession> {
  const model = serializeGraph(graph, 'model', (tensor) => places.get(tensor.data)!)
  const codec = await wasmRowCodec()
  async function* placed(): AsyncGenerator<PlacedData, void, undefined> {
    for await (const { tensor, data } of packTensors(graph.initializers, weights, codec)) yield { ...places.get(tensor.data)!, data }
  }
  const staged = await stage(model, placed())
  try {
    return await createSession(backend, staged.path, [])
  } finally {
    await staged.remove()
  }
}

/** @throws FsError `runtime/session-failed` with the engine's reason */
export async function createSession(backend: Backend, model: Uint8Array | string, data: readonly WeightData[]): Promise<InferenceSession> {
  try {
    return await backend.createSession(model, data)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw runtimeError('runtime/session-failed', `${backend.name} could not load the model: ${reason}`, { backend: backend.name }, cause)
  }
}
