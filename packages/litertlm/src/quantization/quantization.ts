// The ways litert-torch quantizes a model, by its names for them. What becomes of a row of weights is in `encode-rows.ts`.

/** How matrices (linear layers and the token embedding) are stored, and in what the runtime multiplies. Everything else is float32. */
export type MatrixForm =
  | { readonly stored: 'float32'; readonly computed: 'float32' }
  | { readonly stored: 'float16'; readonly computed: 'float32' }
  | { readonly stored: 'int8'; readonly computed: 'integers' | 'float32' }
  | { readonly stored: 'int4'; readonly computed: 'integers'; readonly blockSize: 32 | 128 }

/**
 * Names and abbreviations: litert-torch `generative/utilities/converter.py`; forms: its `generative/quantize/quant_recipes.py` and
 * `quantize/translate_recipe.py` (weight-only recipes put a DEQUANTIZE operator behind each weight), `default_policy.py` of ai-edge-quantizer for
 * the operators concerned. The abbreviation is part of the names of reference files (`Qwen3-0.6B_q8_ekv1280.litertlm`).
 */
export const QUANTIZATIONS = {
  none: { abbreviation: 'f32', matrices: { stored: 'float32', computed: 'float32' } },
  dynamic_int8: { abbreviation: 'q8', matrices: { stored: 'int8', computed: 'integers' } },
  weight_only_int8: { abbreviation: 'q8_wo', matrices: { stored: 'int8', computed: 'float32' } },
  fp16: { abbreviation: 'fp16', matrices: { stored: 'float16', computed: 'float32' } },
  dynamic_int4_block32: { abbreviation: 'q4_block32', matrices: { stored: 'int4', computed: 'integers', blockSize: 32 } },
  dynamic_int4_block128: { abbreviation: 'q4_block128', matrices: { stored: 'int4', computed: 'integers', blockSize: 128 } },
} as const satisfies Record<string, { readonly abbreviation: string; readonly matrices: MatrixForm }>

export type QuantizationName = keyof typeof QUANTIZATIONS
