// Everything the module exports: an encoder, a decoder and, where importance weights matter, a weighted encoder per type.
// No memory management: the caller lays out buffers from `heapBase` on.
export { bookLevels, openBook } from './books'
export { allFinite } from './checks'
export { takeOverflow } from './floats'
export { decodeBF16, encodeBF16 } from './types/bf16'
export { decodeMXFP4, decodeNVFP4, encodeMXFP4, encodeNVFP4 } from './types/e2m1'
export { decodeF16, encodeF16 } from './types/f16'
export { decodeQ4_0, encodeQ4_0, encodeWeightedQ4_0 } from './types/q4-0'
export { decodeIQ1_M, decodeIQ1_S } from './types/iq1'
export { decodeIQ2_S, decodeIQ2_XS, decodeIQ2_XXS } from './types/iq2'
export { decodeIQ3_S, decodeIQ3_XXS } from './types/iq3'
export { decodeIQ4_NL, encodeIQ4_NL, encodeWeightedIQ4_NL } from './types/iq4-nl'
export { decodeIQ4_XS, encodeIQ4_XS, encodeWeightedIQ4_XS } from './types/iq4-xs'
export { decodeQ1_0, encodeQ1_0 } from './types/q1-0'
export { decodeQ2_0, encodeQ2_0 } from './types/q2-0'
export { decodeQ2_K, encodeQ2_K, encodeWeightedQ2_K } from './types/q2-k'
export { decodeQ3_K, encodeQ3_K, encodeWeightedQ3_K } from './types/q3-k'
export { decodeQ4_K, encodeQ4_K, encodeWeightedQ4_K } from './types/q4-k'
export { decodeQ5_K, encodeQ5_K, encodeWeightedQ5_K } from './types/q5-k'
export { decodeQ4_1, encodeQ4_1, encodeWeightedQ4_1 } from './types/q4-1'
export { decodeQ5_0, encodeQ5_0, encodeWeightedQ5_0 } from './types/q5-0'
export { decodeQ5_1, encodeQ5_1, encodeWeightedQ5_1 } from './types/q5-1'
export { decodeQ6_K, encodeQ6_K, encodeWeightedQ6_K } from './types/q6-k'
export { decodeQ8_1 } from './types/q8-1'
export { decodeQ8_0, encodeQ8_0 } from './types/q8-0'
export { decodeQ8_K } from './types/q8-k'
export { decodeTQ1_0, decodeTQ2_0, encodeTQ1_0, encodeTQ2_0 } from './types/ternary'

/** First byte the caller may use. */
export function heapBase(): usize {
  return __heap_base
}
