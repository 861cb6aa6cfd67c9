// Qwen's sliding window, which its configurations mention but switch off: `use_sliding_window` decides, and only layers from
// `max_window_layers` on have it (transformers configuration_qwen2.py). GGUF has no key for it.
import type { Notice } from '@fs/arch'
import { type Field, observed } from '@fs/arch/fields'

export type SlidingWindow = { readonly size: number; readonly firstLayer: number }

export const slidingWindow = (): Field<SlidingWindow | null> =>
  observed<SlidingWindow | null>({
    fromHuggingFace: (view) =>
      view.boolean('use_sliding_window') === true && view.raw.sliding_window !== null
        ? { size: view.integer('sliding_window') ?? 4096, firstLayer: view.integer('max_window_layers') ?? 28 }
        : null,
    fromGguf: () => null,
    toHuggingFace: (window) =>
      window === null
        ? { use_sliding_window: false }
        : { use_sliding_window: true, sliding_window: window.size, max_window_layers: window.firstLayer },
  })

export function windowOf(window: SlidingWindow | null, layer: number): number | null {
  return window !== null && layer >= window.firstLayer ? window.size : null
}

export function windowNotices(window: SlidingWindow | null, layers: number, contextLength: number): readonly Notice[] {
  if (window === null || window.firstLayer >= layers || window.size >= contextLength) return []
  return [
    {
      code: 'gguf/sliding-window',
      message: `layers from ${window.firstLayer} on attend to the last ${window.size} tokens only, which GGUF cannot say for this architecture: llama.cpp's answers differ on prompts longer than ${window.size} tokens`,
    },
  ]
}
