// The plain (unquantized) number formats a checkpoint may hold, by their safetensors names.
// Block formats of ggml are in `ggml-types.ts`.

/** Bytes per element, by safetensors name (`safetensors/src/tensor.rs`, enum `Dtype`; sub-byte types are not supported). */
export const DTYPES = {
  BOOL: { bytes: 1, kind: 'bool' },
  U8: { bytes: 1, kind: 'uint' },
  I8: { bytes: 1, kind: 'int' },
  F8_E5M2: { bytes: 1, kind: 'float' },
  F8_E4M3: { bytes: 1, kind: 'float' },
  I16: { bytes: 2, kind: 'int' },
  U16: { bytes: 2, kind: 'uint' },
  F16: { bytes: 2, kind: 'float' },
  BF16: { bytes: 2, kind: 'float' },
  I32: { bytes: 4, kind: 'int' },
  U32: { bytes: 4, kind: 'uint' },
  F32: { bytes: 4, kind: 'float' },
  F64: { bytes: 8, kind: 'float' },
  I64: { bytes: 8, kind: 'int' },
  U64: { bytes: 8, kind: 'uint' },
} as const satisfies { readonly [name: string]: { readonly bytes: number; readonly kind: 'bool' | 'uint' | 'int' | 'float' } }

export type Dtype = keyof typeof DTYPES

/** Narrows a string read from a file to a known dtype. */
export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(DTYPES, name)
}
