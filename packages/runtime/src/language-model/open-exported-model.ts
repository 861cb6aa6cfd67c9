// A decoder that is an ONNX model already, ours or another exporter's, as a running language model.
// Everything needed is read off the model; its configuration files are the caller's business.
import type { LanguageModel } from '@fs/core'
import type { Backend, WeightData } from '../backend.ts'
import { returnedStore } from '../cache/returned-store.ts'
import { sharedStore } from '../cache/shared-store.ts'
import { createSession } from '../open-session.ts'
import { decoderInterface } from './decoder-interface.ts'
import { createLanguageModel } from './language-model.ts'

export type OpenExportedModelOptions = {
  /** The model's bytes, or where they are: a path in Node (external data is found beside it), an address in a browser. */
  readonly model: Uint8Array | string
  /** External data by the paths the model has for it. */
  readonly weights?: readonly WeightData[]
  readonly backend: Backend
  /** Most tokens of a sequence, as its configuration says. */
  readonly contextLength: number
  /**
   * Whether the model's attention reads no more of the cache than the attention mask says (GroupQueryAttention does), so that a buffer
   * with room for more can be used in place; attention in standard operators takes the whole buffer.
   */
  readonly cache: 'in-place' | 'returned'
}

/** Stands for the number of query heads, which a graph's inputs do not tell; it only bounds how much of a prompt is computed at once. */
const LIKELY_HEADS = 32

/** @throws FsError `runtime/session-failed`, `runtime/not-a-decoder` */
export async function openExportedModel(options: OpenExportedModelOptions): Promise<LanguageModel> {
  const { model, weights = [], backend, contextLength } = options
  const session = await createSession(backend, model, weights)
  try {
    const decoder = decoderInterface(session)
    const shared = options.cache === 'in-place' && backend.cache === 'in-place'
    const store = shared ? sharedStore(decoder.cache, contextLength, backend.Tensor) : returnedStore(decoder.cache, backend.Tensor)
    return createLanguageModel({
      session,
      decoder,
      store,
      Tensor: backend.Tensor,
      contextLength,
      heads: LIKELY_HEADS,
      rotaryBoundary: null,
    })
  } catch (error) {
    await session.release()
    throw error
  }
}
