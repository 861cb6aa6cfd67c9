// The error codes of this package. Messages stand where the errors are thrown.
import { errorFactory } from '@fs/core'

export const CONVERT_ERRORS = {
  'convert/no-tensors': 'The checkpoint holds no weights.',
  'convert/no-configuration': 'The checkpoint says nothing of its architecture.',
  'convert/quantized-source': 'The checkpoint is quantized in a way this version does not read.',
  'convert/quantized-shape': 'The parts of a quantized weight do not fit one another.',
  'convert/quantized-part': 'A part of a quantized weight is missing.',
  'convert/quantized-layout': 'A quantized weight is laid out for one kind of hardware.',
  'convert/quantized-group': 'A row of a quantized weight names a group for which there is no scale.',
  'convert/low-rank-shape': 'An adapter does not fit the weight it is to change.',
  'convert/ambiguous-tensor': 'Two tensors of a checkpoint claim the same place in the model.',
  'convert/unknown-type': 'The asked-for precision does not exist.',
  'convert/importance-width': 'An importance matrix was made for a tensor of another width.',
  'convert/importance-missing': 'A type needs an importance matrix and there is none for a tensor.',
  'convert/output-exists': 'The output exists and --force was not given.',
  'convert/output-busy': 'Another process is writing the same output.',
  'convert/output-unwritable': 'The output cannot be created there.',
  'convert/disk-full': 'The disk has too little room for the output.',
  'convert/source-changed': 'A source file is not what it was when the plan was made.',
  'convert/worker-failed': 'A worker thread ended without finishing.',
  'convert/interrupted': 'The conversion was stopped and can be continued.',
  'convert/strided-blocks': 'A view into a block-quantized tensor cannot be rearranged element by element.',
  'convert/tokenizer-missing': 'The checkpoint has no tokenizer that can be read.',
  'convert/vocabulary-rows': 'The vocabulary has not as many tokens as the embedding has rows.',
  'convert/unified-version': 'A unified folder is of a version this program does not read.',
  'convert/unified-config': "A unified folder's config.json does not follow its schema.",
  'convert/unified-mismatch': "A unified folder's parameters and its description of the model contradict each other.",
  'convert/context-length': 'The asked-for context is longer than the model has positions for.',
  'convert/no-such-weight': 'A weight was asked for that the model does not have.',
  'convert/not-gguf': 'A command that works on GGUF files was given something else.',
  'convert/module-unsupported': 'A sentence-transformers module has no counterpart in the result.',
} as const

export const convertError = errorFactory(CONVERT_ERRORS)
