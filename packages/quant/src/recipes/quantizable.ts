// Which tensors are quantized at all. The type they get is in `choose-tensor-types.ts`.
import { dimensionCount, type RecipeTensor } from './recipe-model.ts'

/** Names kept as they are, by any part of them (`tensor_allows_quantization`, llama-quant.cpp): small, or too sensitive. */
const KEPT_PARTS = [
  '_norm.weight',
  'ffn_gate_inp.weight',
  'ffn_gate_tid2eid.weight',
  'altup',
  'laurel',
  'per_layer_model_proj',
  'ssm_conv1d',
  'shortconv.conv.weight',
  'indexer.k_proj.weight',
  'indexer.q_proj.weight',
  'time_mix_first.weight',
  'time_mix_w0.weight',
  'time_mix_w1.weight',
  'time_mix_w2.weight',
  'time_mix_v0.weight',
  'time_mix_v1.weight',
  'time_mix_v2.weight',
  'time_mix_a0.weight',
  'time_mix_a1.weight',
  'time_mix_a2.weight',
  'time_mix_g1.weight',
  'time_mix_g2.weight',
  'time_mix_decay_w1.weight',
  'time_mix_decay_w2.weight',
  'time_mix_lerp_fused.weight',
  'attn_rel_b.weight',
  '.position_embd',
  'sam.pos_embd',
  'sam.neck.',
  'sam.net_',
  '.rel_pos',
  '.patch_embd',
  '.patch_merger',
  'a.rvq.codebook',
  'mm.a.code_embd',
] as const

const KEPT_NAMES: ReadonlySet<string> = new Set(['position_embd.weight', 'token_types.weight'])

/** True for matrices and stacks of them whose name ends in `weight` and is not one of the kept ones. */
export function isQuantizable(tensor: RecipeTensor): boolean {
  if (dimensionCount(tensor.shape) < 2 || !tensor.name.endsWith('weight') || KEPT_NAMES.has(tensor.name)) return false
  return !KEPT_PARTS.some((part) => tensor.name.includes(part))
}
