// The error codes of this package. Not the place for messages: those stand where the error is thrown.
import { errorFactory } from '@fs/core'

export const EVAL_ERRORS = {
  'eval/too-few-tokens': 'The text is too short to be measured in the chosen context.',
  'eval/context-length': 'A context that the model does not have, or that leaves nothing to score.',
  'eval/vocabulary-mismatch': 'Two sides that are to be compared have different vocabularies.',
  'eval/token-mismatch': 'Two sides that are to be compared saw different tokens.',
  'eval/imatrix-mismatch': 'Importance matrices that were made from different models cannot be merged.',
  'eval/shape-mismatch': 'Two sides that are to be compared have different shapes.',
  'eval/logits-set': 'The files of a prompt’s logits are incomplete or do not fit together.',
  'eval/tasks-file': 'A file of tasks with answers to choose from is malformed.',
  'eval/logits-file': 'A file of log-probabilities is malformed or cut short.',
} as const

export const evalError = errorFactory(EVAL_ERRORS)
