// The ways litert-torch quantizes a model, by its names for them. What each does to a weight is in `encoding.ts`.

/**
 * Names and abbreviations: litert-torch `generative/utilities/converter.py`, recipes in `generative/quantize/quant_recipes.py`.
 * The abbreviation is part of the names of reference files (`Qwen3-0.6B_q8_ekv1280.litertlm`).
 */
export const QUANTIZATIONS = {
  none: { abbreviation: 'f32' },
  dynamic_int8: { abbreviation: 'q8' },
  weight_only_int8: { abbreviation: 'q8_wo' },
  fp16: { abbreviation: 'fp16' },
  dynamic_int4_block32: { abbreviation: 'q4_block32' },
  dynamic_int4_block128: { abbreviation: 'q4_block128' },
} as const satisfies Record<string, { readonly abbreviation: string }>

export type QuantizationName = keyof typeof QUANTIZATIONS
