// A decoder read for its hidden states instead of its logits: what `embed` does with a language model.
import type { DecoderSpec, EncoderSpec } from '@fs/arch'

/** The same layers without the head; the weights' names stay the same. */
export function decoderAsEncoder(spec: DecoderSpec, pooling: EncoderSpec['pooling'], normalize: boolean): EncoderSpec {
  const { vocabularySize, hiddenSize, contextLength, embedding, layers, outputNorm } = spec
  return { kind: 'encoder', vocabularySize, hiddenSize, contextLength, embedding, layers, outputNorm, pooling, normalize, dense: [] }
}
