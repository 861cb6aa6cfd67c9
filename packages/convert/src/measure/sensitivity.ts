// How much a share of noise in a tensor moves a model's predictions, against the same share in another. Noise itself is measured, in `measure-error.ts`.
import { roleOfTensor, type TensorRole } from '@fs/quant/recipes'

/**
 * Kullback-Leibler divergence for a unit of noise, relative to an average matrix of a layer. Measured by making one kind of tensor Q3_K and leaving the rest
 * bfloat16, in three models trained on one text (Llama and Qwen3 with 2 layers, Gemma 3 with 3; 16 windows of 256 tokens): in nats for a unit of noise
 * query 0.032-0.044, key 0.037-0.045, value 0.057-0.069, attention output 0.041-0.076, gate 0.070-0.130, up 0.044-0.074, down 0.112-0.143, and
 * 1.4-2.0 for the embedding that is the output too: nothing after it averages its noise away. An embedding that is only looked up could not be told
 * apart there; it is one of the terms that make up the stream, as a layer's last matrix is.
 */
const SENSITIVITIES = {
  output: 25,
  tokenEmbedding: 2,
  attentionQuery: 0.5,
  attentionKey: 0.6,
  attentionValue: 1,
  attentionOutput: 0.9,
  feedForwardGate: 1.5,
  feedForwardUp: 0.9,
  feedForwardDown: 2,
  other: 1,
} as const satisfies { readonly [Role in TensorRole]: number }

/** @param names of all tensors of the model: where there is no output matrix, the embedding is it */
export function sensitivityOf(name: string, names: ReadonlySet<string>): number {
  return SENSITIVITIES[name === 'token_embd.weight' && !names.has('output.weight') ? 'output' : roleOfTensor(name)]
}
