// The error codes of this package. Not the place for messages: those stand where the error is thrown.
import { errorFactory } from '@fs/core'

export const ONNX_ERRORS = {
  'onnx/not-expressible': 'The description asks for something this graph builder has no operators for.',
  'onnx/weight-shape': 'A stored weight has another shape or byte length than the description implies.',
  'onnx/weight-type': 'A stored weight has a type that cannot become the initializer the graph wants.',
  'onnx/damaged': 'A file is no ONNX model, or a damaged one.',
  'onnx/external-data': 'Data that an ONNX model keeps in other files is not there.',
} as const

export const onnxError = errorFactory(ONNX_ERRORS)
