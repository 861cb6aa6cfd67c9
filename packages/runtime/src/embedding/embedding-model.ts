// From a description of an encoder and its weights to a model that gives vectors: builds the graph, fills it, opens a session.
import type { EncoderSpec } from '@fs/arch'
import { encoderGraph, type WeightReader } from '@fs/onnx'
import type { Backend } from '../backend.ts'
import { openSession } from '../open-session.ts'
import { type Arithmetic, weightFormats } from '../weight-format.ts'
import { type EmbeddingModel, embeddingModel } from './embedding-session.ts'

export type OpenEmbeddingModelOptions = {
  readonly spec: EncoderSpec
  readonly weights: WeightReader
  readonly backend: Backend
  readonly arithmetic: Arithmetic
}

/** @throws FsError `runtime/session-failed`, `onnx/*` when description and weights do not fit, and whatever the reader throws */
export async function openEmbeddingModel(options: OpenEmbeddingModelOptions): Promise<EmbeddingModel> {
  const { spec, weights, backend, arithmetic } = options
  const { contextLength, vocabularySize, hiddenSize } = spec
  const graph = encoderGraph(spec, {
    precision: 'float32',
    arithmetic: arithmetic === 'exact' ? 'exact' : 'fast',
    formatOf: weightFormats(spec, weights, arithmetic),
    contextLength,
  })
  const session = await openSession(backend, graph, weights)
  const dimension = spec.pooling === 'none' ? null : (spec.dense.at(-1)?.outputSize ?? hiddenSize)
  const takesTypes = spec.embedding.tokenTypes !== null
  return embeddingModel({ session, backend, dimension, hiddenSize, contextLength, vocabularySize, takesTypes })
}
