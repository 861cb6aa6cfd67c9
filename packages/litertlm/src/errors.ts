// The error codes of this package. Not the place for messages: those stand where the error is thrown.
import { errorFactory } from '@fs/core'

export const LITERTLM_ERRORS = {
  'litertlm/not-expressible': 'The description asks for something that the operators of a LiteRT-LM graph do not have.',
  'litertlm/options': 'The lengths or the quantization asked for do not fit the model or one another.',
  'litertlm/weight': 'A weight holds a number that its quantization cannot hold.',
  'litertlm/not-litertlm': 'A file does not start like a LiteRT-LM bundle.',
  'litertlm/truncated': 'A bundle ends before its header or one of its sections does.',
  'litertlm/version': 'A bundle has a major version this reader does not know.',
  'litertlm/header-size': 'The header of a bundle is said to end where no header can.',
  'litertlm/header': 'The header of a bundle is damaged.',
  'litertlm/duplicate-key': 'The header of a bundle names the same key twice.',
  'litertlm/section-type': 'A section of a bundle is of a type nobody knows.',
  'litertlm/section-range': 'A section of a bundle ends before it begins.',
  'litertlm/misaligned': 'A section of a bundle does not start on a multiple of 16 KiB.',
  'litertlm/overlap': 'Two parts of a bundle share bytes.',
  'litertlm/sections': 'A bundle lacks a section that the engine needs, or has it twice.',
  'litertlm/section-size': 'A section of a bundle is larger than what it holds could be.',
  'litertlm/contradiction': 'The parts of a bundle do not fit one another.',
  'litertlm/metadata': 'The metadata of a bundle is no LlmMetadata.',
  'litertlm/tokenizer': 'The tokenizer of a bundle is not what its section says.',
  'litertlm/not-tflite': 'What should be a TFLite model does not start like one.',
  'litertlm/tflite': 'A TFLite model contradicts itself or the file it lies in.',
  'litertlm/unwritable': 'Something cannot be written to a bundle.',
} as const

export const litertlmError = errorFactory(LITERTLM_ERRORS)
