// The fields Gemma 1 and 2 begin with, in the order llama.cpp writes them (conversion/gemma.py). Gemma 3 has another order: `gemma3/fields.ts`.
import {
  contextLength,
  feedForwardWidth,
  fileType,
  headDimension,
  heads,
  hiddenSize,
  keyValueHeads,
  layers,
  rmsEpsilon,
} from '@fs/arch/common-fields'

export const leadingFields = () => ({
  contextLength: contextLength(8192),
  hiddenSize: hiddenSize(),
  layers: layers(),
  feedForwardWidth: feedForwardWidth(),
  heads: heads(),
  keyValueHeads: keyValueHeads(),
  epsilon: rmsEpsilon(),
  headDimension: headDimension(256),
  fileType: fileType(),
})
