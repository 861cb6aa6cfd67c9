// The error codes of this package. Not the place for messages: those stand where the error is thrown.
import { errorFactory } from '@fs/core'

export const LITERTLM_ERRORS = {
  'litertlm/not-expressible': 'The description asks for something that the operators of a LiteRT-LM graph do not have.',
  'litertlm/options': 'The lengths or the quantization asked for do not fit the model or one another.',
} as const

export const litertlmError = errorFactory(LITERTLM_ERRORS)
