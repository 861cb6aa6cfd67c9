// The configuration Qwen2 and Qwen3 share, in the order llama.cpp writes it (conversion/qwen.py).
import {
  activation,
  contextLength,
  feedForwardWidth,
  headDimensionOfGguf,
  heads,
  hiddenSize,
  keyValueHeads,
  layers,
  rmsEpsilon,
  untiedHead,
  vocabularySize,
} from '@fs/arch/common-fields'
import { rope } from '@fs/arch/rope'
import { slidingWindow } from './sliding-window.ts'

/** Fields before the head size, whose place among the keys differs. */
export const shapeFields = () => ({
  layers: layers(),
  contextLength: contextLength(32768),
  hiddenSize: hiddenSize(),
  feedForwardWidth: feedForwardWidth(),
  heads: heads(),
  keyValueHeads: keyValueHeads(),
  rope: rope({ dimensions: headDimensionOfGguf }),
  epsilon: rmsEpsilon(),
})

/** Fields that GGUF has no keys for, or whose keys come last. */
export const commonFields = () => ({
  vocabularySize: vocabularySize(),
  activation: activation('silu'),
  untied: untiedHead(),
  window: slidingWindow(),
})
