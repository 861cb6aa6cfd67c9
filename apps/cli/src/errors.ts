// The error codes of the command line itself.
import { errorFactory } from '@fs/core'

export const CLI_ERRORS = {
  'cli/usage': 'The command was called in a way it does not understand.',
  'cli/not-found': 'Neither a local path nor a model id.',
  'cli/no-bundle': 'An engine that runs bundles was asked for, and there is none of the model.',
  'cli/export-settings': 'The settings beside an ONNX model name files that are not there.',
  'cli/output-exists': 'A file to be written exists and --force was not given.',
  'cli/output-unwritable': 'A file cannot be written where it was asked for.',
  'cli/memory': 'A model that would have to be run is larger than the memory there is.',
  'cli/transformers': 'Python could not run a model with transformers.',
  'cli/bug': 'Something failed that nobody foresaw.',
} as const

export const cliError = errorFactory(CLI_ERRORS)
