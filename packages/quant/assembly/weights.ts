// The importance each number gets in a search, from the importance matrix and the numbers around it.

/** Float32 mean of `count` squares summed in order, as ggml sums them. */
export function meanSquare(source: usize, count: i32): f32 {
  let sum: f32 = 0
  const end = source + (<usize>count << 2)
  for (; source < end; source += 16) {
    const value = v128.load(source)
    const square = f32x4.mul(value, value)
    sum += f32x4.extract_lane(square, 0)
    sum += f32x4.extract_lane(square, 1)
    sum += f32x4.extract_lane(square, 2)
    sum += f32x4.extract_lane(square, 3)
  }
  return sum / <f32>count
}

/** `importance * sqrt(spread + x²)` for `count` numbers, a multiple of 4. */
export function spreadWeights(source: usize, importance: usize, count: i32, spread: f32, destination: usize): void {
  const spreads = f32x4.splat(spread)
  for (let at: usize = 0; at < <usize>count << 2; at += 16) {
    const value = v128.load(source + at)
    const root = f32x4.sqrt(f32x4.add(spreads, f32x4.mul(value, value)))
    v128.store(destination + at, f32x4.mul(v128.load(importance + at), root))
  }
}
