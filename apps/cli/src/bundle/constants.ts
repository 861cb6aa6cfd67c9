// The weights of a bundle's graph as its tensors name them, each once, whatever number of signatures share it.
import type { StoredTflite } from '@fs/litertlm/tflite'

export type Constant = {
  readonly name: string
  readonly type: string
  readonly shape: readonly number[]
  /** From the start of the TFLite model. */
  readonly offset: number
  readonly byteLength: number
}

export function constantsOf({ subgraphs, buffers }: StoredTflite): readonly Constant[] {
  const found = new Map<number, Constant>()
  for (const { tensors } of subgraphs) {
    for (const { name, type, shape, buffer } of tensors) {
      const stored = buffers[buffer]
      if (stored === undefined || stored.kind === 'empty' || found.has(buffer)) continue
      found.set(buffer, { name, type, shape, offset: stored.offset, byteLength: stored.byteLength })
    }
  }
  return [...found.values()]
}
