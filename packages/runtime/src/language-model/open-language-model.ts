// From a description and its weights to a running language model: builds the graph, fills it, opens a session.
import type { DecoderSpec } from '@fs/arch'
import type { LanguageModel } from '@fs/core'
import { decoderGraph, type WeightReader } from '@fs/onnx'
import type { Backend } from '../backend.ts'
import { returnedStore } from '../cache/returned-store.ts'
import { sharedStore } from '../cache/shared-store.ts'
import { runtimeError } from '../errors.ts'
import { openSession } from '../open-session.ts'
import { type Arithmetic, weightFormats } from '../weight-format.ts'
import { decoderInterface } from './decoder-interface.ts'
import { createLanguageModel } from './language-model.ts'
import { rotaryBoundary } from './rotary-boundary.ts'

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
  // Attention in standard operators joins cached and new keys, which a buffer shared between steps does not allow.
  const shared = backend.cache !== 'device' && attention === 'fused'
  const graph = decoderGraph(spec, {
    precision: 'float32',
    arithmetic: arithmetic === 'exact' ? 'exact' : 'fast',
    attention,
    formatOf: weightFormats(spec, weights, arithmetic),
    cache: shared ? 'appended' : 'whole',
    control: 'inputs',
    contextLength,
  })
  const session = await openSession(backend, graph, weights)
  const decoder = decoderInterface(session)
  const store = shared ? sharedStore(decoder.cache, contextLength, backend.Tensor) : returnedStore(decoder.cache, backend.Tensor)
  const heads = spec.layers.reduce((most, layer) => Math.max(most, layer.attention.heads), 1)
  const boundary = rotaryBoundary(spec, contextLength)
  return createLanguageModel({ session, decoder, store, Tensor: backend.Tensor, contextLength, heads, rotaryBoundary: boundary })
}

function attentionForm(spec: DecoderSpec, backend: Backend): 'fused' | 'explicit' {
  if (backend.lacks.includes('grouped-query-attention')) return 'explicit'
  const softCapped = spec.layers.some(({ attention }) => attention.softCap !== null)
  return softCapped && backend.lacks.includes('attention-soft-cap') ? 'explicit' : 'fused'
}
