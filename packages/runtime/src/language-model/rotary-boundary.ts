// Models whose rotary embedding depends on the length of the sequence (longrope): when a cache computed for one length may serve another.
import type { DecoderSpec } from '@fs/arch'

/**
 * Lengths up to the boundary share one set of frequencies, lengths beyond it another; a cache crossing it must be computed again, as
 * transformers would for a prompt of that length. Null where the length makes no difference.
 */
export function rotaryBoundary(spec: DecoderSpec, contextLength: number): number | null {
  for (const { attention } of spec.layers) {
    const { position } = attention
    if (position.kind !== 'rope' || position.scaling.kind !== 'longrope') continue
    if (contextLength > position.scaling.originalContextLength) return position.scaling.originalContextLength
  }
  return null
}
