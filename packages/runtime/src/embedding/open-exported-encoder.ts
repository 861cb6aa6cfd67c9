// An encoder that is an ONNX model already, ours or another exporter's, as a model that gives vectors.
// Inputs and outputs are read off the model; its configuration files are the caller's business.
import type { InferenceSession } from 'onnxruntime-common'
import type { Backend, WeightData } from '../backend.ts'
import { runtimeError } from '../errors.ts'
import { createSession } from '../open-session.ts'
import { type EmbeddingModel, embeddingModel } from './embedding-session.ts'

export type OpenExportedEncoderOptions = {
  /** The model's bytes, or where they are: a path in Node (external data is found beside it), an address in a browser. */
  readonly model: Uint8Array | string
  /** External data by the paths the model has for it. */
  readonly weights?: readonly WeightData[]
  readonly backend: Backend
  /** Most tokens of a text, and how many tokens there are, as its configuration says. */
  readonly contextLength: number
  readonly vocabularySize: number
}

const INPUTS: readonly string[] = ['input_ids', 'attention_mask', 'token_type_ids']

/** @throws FsError `runtime/session-failed`, `runtime/not-an-encoder` */
export async function openExportedEncoder(options: OpenExportedEncoderOptions): Promise<EmbeddingModel> {
  const { model, weights = [], backend, contextLength, vocabularySize } = options
  const session = await createSession(backend, model, weights)
  try {
    const refuse = (reason: string) =>
      runtimeError('runtime/not-an-encoder', `this ONNX model is no encoder that can be run: ${reason}`, {})
    const unknown = session.inputNames.find((name) => !INPUTS.includes(name))
    if (unknown !== undefined) throw refuse(`its input ${unknown} is unknown`)
    for (const name of ['input_ids', 'attention_mask']) if (!session.inputNames.includes(name)) throw refuse(`it has no input ${name}`)
    const hiddenSize = lastDimension(session, 'last_hidden_state')
    if (hiddenSize === null) throw refuse('it has no output last_hidden_state of a known size')
    const dimension = lastDimension(session, 'sentence_embedding')
    const takesTypes = session.inputNames.includes('token_type_ids')
    return embeddingModel({ session, backend, dimension, hiddenSize, contextLength, vocabularySize, takesTypes })
  } catch (error) {
    await session.release()
    throw error
  }
}

function lastDimension(session: InferenceSession, output: string): number | null {
  const found = session.outputMetadata.find(({ name }) => name === output)
  const size = found?.isTensor ? found.shape.at(-1) : undefined
  return typeof size === 'number' ? size : null
}
