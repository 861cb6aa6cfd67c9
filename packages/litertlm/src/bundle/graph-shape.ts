// The numbers of a graph that its signatures show: how long prompts and the cache are, how many layers and tokens there are.
import type { StoredTflite } from '../tflite/stored.ts'

export type GraphShape = {
  /** Tokens taken at once, by signature, shortest first. */
  readonly prefillLengths: readonly number[]
  readonly cacheLength: number | undefined
  readonly layers: number
  readonly vocabularySize: number | undefined
}

export function graphShape({ signatures }: StoredTflite): GraphShape {
  const decode = signatures.find(({ key }) => key === 'decode')
  const prefills = signatures.filter(({ key }) => key.startsWith('prefill'))
  const lengths = prefills.flatMap(({ inputs }) => (inputs.get('tokens') ?? inputs.get('token_ids'))?.shape.at(-1) ?? [])
  return {
    prefillLengths: lengths.toSorted((a, b) => a - b),
    cacheLength: (decode?.inputs.get('mask') ?? decode?.inputs.get('attn_mask'))?.shape.at(-1),
    layers: [...(decode?.inputs.keys() ?? [])].filter((name) => name.startsWith('kv_cache_k_')).length,
    vocabularySize: decode?.outputs.get('logits')?.shape.at(-1),
  }
}
