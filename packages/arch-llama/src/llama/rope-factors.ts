// `rope_freqs.weight`: how llama.cpp's `llama` learns of llama3 scaling, which has no metadata key (conversion/llama.py).
import type { DerivedTensor } from '@fs/arch'
import { llama3Factors } from '@fs/arch/rope-frequencies'
import type { LlamaConfig } from './decoder.ts'

/** The divisors of the rotary frequencies, for models that stretch them. */
export function llamaRopeFactors({
  rope: { scaling, base },
  ropeDimensions,
}: Pick<LlamaConfig, 'rope' | 'ropeDimensions'>): readonly DerivedTensor[] {
  switch (scaling.kind) {
    case 'llama3':
      return [{ name: 'rope_freqs.weight', values: llama3Factors(scaling, base, ropeDimensions) }]
    case 'factors':
      return [{ name: 'rope_freqs.weight', values: Float32Array.from(scaling.factors) }]
    case 'none':
    case 'linear':
    case 'yarn':
    case 'longrope':
      return []
    default:
      return scaling satisfies never
  }
}
