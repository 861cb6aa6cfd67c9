// The configuration Qwen2 and Qwen3 share, in the order llama.cpp writes it (conversion/qwen.py).
import { activation, llamaShape, untiedHead, vocabularySize } from '@fs/arch/common-fields'
import { slidingWindow } from './sliding-window.ts'

/** Fields before the head size, whose place among the keys differs. */
export const shapeFields = () => llamaShape({ contextLength: 32768 })

/** Fields that GGUF has no keys for, or whose keys come last. */
export const commonFields = () => ({
  vocabularySize: vocabularySize(),
  activation: activation('silu'),
  untied: untiedHead(),
  window: slidingWindow(),
})
