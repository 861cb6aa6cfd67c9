// The type of every tensor as convert_hf_to_gguf writes it: unquantized files, Q8_0 and the ternary types.
// llama-quantize's mixtures are in `choose-tensor-types.ts`.
import { GGML_TYPES, type GgmlType, type TensorType } from '@fs/core'
import { FILE_TYPES, type FileType } from './file-types.ts'

/** What the converter can be asked for; `auto` is the checkpoint's own type. */
export const OUT_TYPES = ['F32', 'F16', 'BF16', 'Q8_0', 'TQ1_0', 'TQ2_0', 'auto'] as const
export type OutType = (typeof OUT_TYPES)[number]

export type ConvertTensor = {
  /** GGUF name. */
  readonly name: string
  /** Outermost dimension first. */
  readonly shape: readonly number[]
}

export type ConvertChoice = { readonly name: string; readonly type: GgmlType; readonly insteadOf?: GgmlType }

/** Names that are always F32, as patterns of the whole name (`prepare_tensors`, conversion/base.py; names: gguf-py `TENSOR_NAMES`). */
const ALWAYS_F32: readonly RegExp[] = [
  /^blk\.\d+\.(ffn_gate_inp|ffn_gate_inp_shexp|shortconv\.conv|indexer\.proj|altup_correct_coef|altup_predict_coef)\.weight$/,
  /^blk\.\d+\.ssm_conv1d(_[qkv])?\.weight$/,
  /^blk\.\d+\.time_mix_(first|w1|w2|decay_w1|decay_w2|lerp_fused)\.weight$/,
  /^posnet\.\d+\.norm[12]\.weight$/,
  /^(position_embd|token_types|v\.position_embd|a\.position_embd)\.weight$/,
]

/** Names that stay F16 in ternary files. */
const NOT_TERNARY = /^(token_embd|per_layer_token_embd|output|blk\.\d+\.(altup_router|laurel_[lr]))\.weight$/

/**
 * The file type `auto` stands for: that of the first half or bfloat16 tensor with two dimensions or more, in the order of the checkpoint's
 * files; F16 when there is none (`ModelBase.__init__`, conversion/base.py).
 */
export function resolveAutoType(tensors: readonly { readonly type: TensorType; readonly shape: readonly number[] }[]): 'F16' | 'BF16' {
  for (const { type, shape } of tensors) if (shape.length >= 2 && (type === 'F16' || type === 'BF16')) return type
  return 'F16'
}

/** Chooses a type for each tensor, in order; rows that are not whole blocks become F16. */
export function chooseConvertTypes(tensors: readonly ConvertTensor[], outType: Exclude<OutType, 'auto'>): ConvertChoice[] {
  return tensors.map(({ name, shape }) => {
    const meant = meantType(name, shape, outType)
    const columns = shape.at(-1) ?? 1
    return columns % GGML_TYPES[meant].blockSize === 0 ? { name, type: meant } : { name, type: 'F16', insteadOf: meant }
  })
}

function meantType(name: string, shape: readonly number[], outType: Exclude<OutType, 'auto'>): GgmlType {
  if (shape.length <= 1 || name.endsWith('_norm.weight')) return 'F32'
  if (!/\.(weight|lora_a|lora_b)$/.test(name) || ALWAYS_F32.some((pattern) => pattern.test(name))) return 'F32'
  if ((outType === 'TQ1_0' || outType === 'TQ2_0') && NOT_TERNARY.test(name)) return 'F16'
  return FILE_TYPES[outType satisfies FileType].defaultType
}
