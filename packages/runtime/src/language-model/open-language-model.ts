// From a description and its weights to a running language model: builds the graph, fills it, opens a session.
import type { DecoderSpec } from '@fs/arch'
import type { LanguageModel } from '@fs/core'
import { decoderGraph, type WeightReader } from '@fs/onnx'
import type { Backend } from '../backend.ts'
import { cacheTensors } from '../cache/cache-store.ts'
import { returnedStore } from '../cache/returned-store.ts'
import { sharedStore } from '../cache/shared-store.ts'
import { runtimeError } from '../errors.ts'
import { openSession } from '../open-session.ts'
import { type Arithmetic, weightFormats } from '../weight-format.ts'
import { createLanguageModel } from './language-model.ts'

export type OpenLanguageModelOptions = {
  readonly spec: DecoderSpec
  readonly weights: WeightReader
  readonly backend: Backend
  readonly arithmetic: Arithmetic
  /** Most tokens of a sequence; the model's own context length where it is left out. */
  readonly contextLength?: number
}

/**
 * @throws FsError `runtime/context-length`, `runtime/session-failed`, `onnx/*` when description and weights do not fit, and whatever the
 * reader throws
 */
export async function openLanguageModel(options: OpenLanguageModelOptions): Promise<LanguageModel> {
  const { spec, weights, backend, arithmetic } = options
  const contextLength = options.contextLength ?? spec.contextLength
  if (!Number.isInteger(contextLength) || contextLength < 1 || contextLength > spec.contextLength) {
    throw runtimeError(
      'runtime/context-length',
      `a context of ${contextLength} tokens is not possible; the model has ${spec.contextLength}`,
      {
        contextLength,
        largest: spec.contextLength,
      },
    )
  }
  const attention = attentionForm(spec, backend)
  const graph = decoderGraph(spec, {
    precision: 'float32',
    arithmetic: arithmetic === 'exact' ? 'exact' : 'fast',
    attention,
    formatOf: weightFormats(spec, weights, arithmetic),
    control: 'inputs',
    contextLength,
  })
  const tensors = cacheTensors(spec)
  const session = await openSession(
    backend,
    graph,
    weights,
    tensors.map((tensor) => tensor.present),
  )
  // Attention in standard operators joins cached and new keys, which a buffer shared between steps does not allow.
  const shared = backend.cache === 'in-place' && attention === 'fused'
  const store = shared ? sharedStore(tensors, contextLength, backend.Tensor) : returnedStore(tensors, backend.Tensor)
  return createLanguageModel({ spec, contextLength, session, store, Tensor: backend.Tensor })
}

function attentionForm(spec: DecoderSpec, backend: Backend): 'fused' | 'explicit' {
  if (backend.lacks.includes('grouped-query-attention')) return 'explicit'
  const softCapped = spec.layers.some(({ attention }) => attention.softCap !== null)
  return softCapped && backend.lacks.includes('attention-soft-cap') ? 'explicit' : 'fused'
}
