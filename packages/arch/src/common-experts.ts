// Rows and fields of mixtures of experts, as transformers stores them one by one and llama.cpp stacks them
// (conversion/llama.py, conversion/qwen.py).
import { MOST_EXPERTS } from './common-fields.ts'
import { integer } from './fields.ts'
import { type WeightName, weight } from './weights.ts'

export const expertCount = (missing?: number) =>
  integer(
    { huggingFace: ['num_local_experts', 'num_experts'], gguf: 'expert_count', ...(missing === undefined ? {} : { missing }) },
    MOST_EXPERTS,
  )

export const expertsUsed = (missing?: number) =>
  integer({ huggingFace: 'num_experts_per_tok', gguf: 'expert_used_count', ...(missing === undefined ? {} : { missing }) })

/** Where a family keeps its experts: names under `model.layers.{i}.`, `{e}` for the expert. */
export type ExpertNames = { readonly router: string; readonly gate: string; readonly up: string; readonly down: string }

/** Router and experts; the canonical and the GGUF form stack the experts of a layer into one tensor. */
export function expertWeights(names: ExpertNames, experts: number): readonly WeightName[] {
  const store = [{ kind: 'unstack', count: experts }] as const
  const layer = 'model.layers.{i}.'
  return [
    weight('layers.{i}.feed_forward.router', layer + names.router, 'blk.{i}.ffn_gate_inp'),
    weight('layers.{i}.feed_forward.experts.gate', { names: layer + names.gate, store }, 'blk.{i}.ffn_gate_exps'),
    weight('layers.{i}.feed_forward.experts.up', { names: layer + names.up, store }, 'blk.{i}.ffn_up_exps'),
    weight('layers.{i}.feed_forward.experts.down', { names: layer + names.down, store }, 'blk.{i}.ffn_down_exps'),
  ]
}
