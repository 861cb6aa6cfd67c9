// From one importance weight per column to the weight of one number in a search.

/**
 * weights[i] = importance[column + i] * sqrt(meanSquare + source[first + i]^2), in float32: the weighting of ggml's searches with an
 * importance matrix (`quantize_row_*_impl`, ggml-quants.c). `meanSquare` is of the row for 32-wide types, of the super-block (for
 * some types doubled) for 256-wide ones.
 */
export function rowSpreadWeights(
  count: number,
  source: Float32Array,
  first: number,
  importance: Float32Array,
  column: number,
  meanSquare: number,
  weights: Float32Array,
): void {
  for (let i = 0; i < count; i++) {
    const value = source[first + i]!
    const spread = Math.fround(Math.sqrt(Math.fround(meanSquare + Math.fround(value * value))))
    weights[i] = importance[column + i]! * spread
  }
}
