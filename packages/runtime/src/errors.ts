// The error codes of this package. Not the place for messages: those stand where the error is thrown.
import { errorFactory } from '@fs/core'

export const RUNTIME_ERRORS = {
  'runtime/context-overflow': 'A sequence would become longer than the model or the chosen context allows.',
  'runtime/context-length': 'A context length was asked for that the model does not have.',
  'runtime/empty-input': 'There was nothing to compute: no tokens, or no sequences.',
  'runtime/token-out-of-range': 'A token id is not one of the model’s vocabulary.',
  'runtime/not-finite': 'The model gave NaN or infinite numbers.',
  'runtime/disposed': 'A model or a sequence was used after it was freed.',
  'runtime/foreign-sequence': 'A sequence was handed to another model than the one that made it.',
  'runtime/repeated-sequence': 'One sequence occurs twice in a batch.',
  'runtime/truncate-length': 'A sequence was to be cut to a length it does not have.',
  'runtime/no-pooling': 'A vector for a whole text was asked of a model that gives one for each token.',
  'runtime/not-a-decoder': 'An ONNX model lacks what a decoder with a cache has, or wants what nobody knows.',
  'runtime/not-an-encoder': 'An ONNX model lacks what an encoder has, or wants what nobody knows.',
  'runtime/too-many-sequences': 'More sequences were created than the engine was opened for.',
  'runtime/engine-missing': 'An optional engine is not installed.',
  'runtime/session-failed': 'The inference engine refused to load the model.',
  'runtime/run-failed': 'The inference engine failed while computing.',
} as const

export const runtimeError = errorFactory(RUNTIME_ERRORS)
